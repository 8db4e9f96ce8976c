#include "codec/json.h"
#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"
#include "flowcatalyst/cli/progress.h"
#include "http/problem.h"
#include "store/embedded/data_directory.h"
#include "store/embedded/embedded_store.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace fc::cli {

/// What a running product answers about itself.
struct VerificationAnswer {
    std::int64_t events = 0;
    std::int64_t jobs = 0;
    std::int64_t open = 0;
    std::vector<std::string> differences;
};
BOOST_DESCRIBE_STRUCT(VerificationAnswer, (), (events, jobs, open, differences))

}  // namespace fc::cli

template <>
struct fc::codec::Rules<fc::cli::VerificationAnswer> {
    using A = fc::cli::VerificationAnswer;
    static constexpr auto required = std::tuple{&A::events, &A::jobs, &A::open, &A::differences};
};

namespace fc::cli {
namespace {

constexpr int could_not_check = 2;
constexpr Millis answer_timeout{600'000};  // a recount reads the whole store

struct VerifyArguments {
    std::string url;
    std::string token;
};

int report(const store::Verification& found, const std::string& where) {
    std::cout << where << ": " << found.events << " events, " << found.jobs << " jobs, " << found.open
              << " of them open\n";
    for (const auto& difference : found.differences) std::cout << "different: " << difference << '\n';
    std::cout << (found.differences.empty() ? "everything adds up\n" : "the counts do not add up\n");
    return found.differences.empty() ? 0 : 1;
}

Task<> fetch(http::Client* client, http::ClientRequest request, http::ClientResponse* response) {
    *response = co_await client->send(std::move(request));
}

store::Verification ask(const std::string& url, const std::string& token) {
    auto request = api_request(url, token, "GET", "/api/verification");
    request.total_timeout = answer_timeout;
    http::ClientResponse response;
    run_with_client([&](http::Client& client) { return fetch(&client, request, &response); });
    if (response.failure) {
        throw Failure(unavailable("UNREACHABLE", "cannot reach " + url + ": " + response.failure->detail));
    }
    if (response.status != 200) {
        const auto problem = codec::from_json<http::Problem>(response.body);
        throw Failure(unavailable(
            "UNEXPECTED_ANSWER",
            url + " answered " + std::to_string(response.status) + (problem ? " " + problem->detail : "")));
    }
    auto answer = codec::from_json<VerificationAnswer>(response.body);
    if (!answer) {
        throw Failure(
            unavailable("UNEXPECTED_ANSWER", url + " answered no verification: " + explain(answer.error())));
    }
    return {answer->events, answer->jobs, answer->open, std::move(answer->differences)};
}

store::Verification recount(const std::filesystem::path& file) {
    Progress progress("verify: ", " checks");
    try {
        return store::verify_store_file(
            file, [&](std::uint64_t done, std::uint64_t of) { progress.tell(done, of); });
    } catch (const std::exception& failure) {
        throw Failure(
            unavailable("UNREADABLE_STORE", "cannot recount " + file.string() + ": " + failure.what()));
    }
}

/// Owns the data directory while it counts, so that no product starts meanwhile; a running one is asked.
int verify_local(const app::Settings& settings, const std::string& token) {
    const auto file = existing_store(settings);
    std::unique_ptr<store::sqlite::DataDirectory> owned;
    try {
        owned = std::make_unique<store::sqlite::DataDirectory>(settings.data_dir);
    } catch (const Failure& failure) {
        if (failure.error().code != "DATA_DIR_IN_USE") throw;
    }
    if (owned) return report(recount(file), file.string());
    return report(ask(local_url(settings), find_token(token, settings).value()), local_url(settings));
}

int verify(const VerifyArguments& arguments) {
    const auto settings = load_settings();
    if (arguments.url.empty()) return verify_local(settings, arguments.token);
    return report(ask(arguments.url, find_token(arguments.token, settings).value()), arguments.url);
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<VerifyArguments>();
    auto* command = app.add_subcommand(
        "verify", "Recount events and jobs: exit 0 all adds up, 1 it does not, 2 could not check");
    command->add_option("--url", arguments->url, "Ask this server; default: the store in DATA_DIR");
    command->add_option(
        "--token", arguments->token, "Bearer token; default FLOWCATALYST_TOKEN, then DATA_DIR/dev-token");
    command->callback([arguments, &exit_code] {
        exit_code = run_command("verify", could_not_check, [&] { return verify(*arguments); });
    });
}

}  // namespace fc::cli
