#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"
#include "flowcatalyst/cli/publisher.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace fc::cli {
namespace {

constexpr std::size_t file_bytes_max = 1U << 30U;
/// Batches between two lines that say how far it is.
constexpr std::size_t progress_events = 10'000;

struct SendArguments {
    std::string file;
    std::string url;
    std::string token;
    std::size_t batch = 100;
};

std::string read_all(const std::string& path) {
    std::ifstream opened;
    if (path != "-") opened.open(path, std::ios::binary);
    const auto why = opened || path == "-" ? "" : std::strerror(errno);
    auto& input = path == "-" ? std::cin : opened;
    std::string text;
    std::string block(1U << 20U, '\0');
    while (input && text.size() <= file_bytes_max) {
        input.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block, 0, static_cast<std::size_t>(input.gcount()));
    }
    if (!input.eof() && text.size() <= file_bytes_max) {
        throw Failure(not_found("UNREADABLE_FILE", "cannot read " + path + (*why ? ": " : "") + why));
    }
    if (text.size() > file_bytes_max) {
        throw Failure(invalid("FILE_TOO_LARGE", path + " is larger than 1 GiB: divide it"));
    }
    return text;
}

std::string summary_of(const PublishCounts& counts) {
    return std::to_string(counts.accepted) + " accepted, " + std::to_string(counts.duplicates) +
           " duplicates, " + std::to_string(counts.refused) + " refused";
}

int send(const SendArguments& arguments) {
    const auto settings = load_settings();
    const auto text = read_all(arguments.file);
    const auto events = read_events(text);
    const auto source = arguments.file == "-" ? "standard input" : arguments.file;
    if (!events) {
        complain("send", source + " " + events.error().detail);
        return 1;
    }
    const auto total = std::to_string(events->size());
    Publisher::Options options;
    options.url = arguments.url.empty() ? local_url(settings) : arguments.url;
    options.token = find_token(arguments.token, settings).value();
    options.batch_events_max = arguments.batch;
    options.refused = [&](const std::string& problem) { complain("send", source + " " + problem); };
    std::size_t next_line = progress_events;
    options.progress = [&](const PublishCounts& counts) {
        if (counts.all() < next_line) return;
        next_line = counts.all() + progress_events;
        std::cerr << counts.all() << " of " << total << " events\n";
    };
    const auto url = options.url;
    Publisher publisher(std::move(options));
    try {
        run_with_client([&](http::Client& client) { return publisher.publish(&client, *events); });
    } catch (const Failure& failure) {
        complain(
            "send",
            explain(failure.error()) + "\nstopped after " + std::to_string(publisher.counts().all()) +
                " of " + total + " events: " + summary_of(publisher.counts()));
        return 1;
    }
    std::cout << "sent " << total << " events to " << url << ": " << summary_of(publisher.counts()) << '\n';
    return publisher.counts().refused > 0 ? 1 : 0;
}

}  // namespace

void add_send(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<SendArguments>();
    auto* command = app.add_subcommand("send", "Publish a file of events, in their order");
    command
        ->add_option(
            "--file",
            arguments->file,
            "A JSON array of events, {\"events\":[...]}, or an event a line; - is standard input")
        ->required();
    command->add_option(
        "--url", arguments->url, "Base URL of the server; default http://localhost:HTTP_PORT");
    command->add_option(
        "--token", arguments->token, "Bearer token; default FLOWCATALYST_TOKEN, then DATA_DIR/dev-token");
    command->add_option("--batch", arguments->batch, "Events in a request")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->callback(
        [arguments, &exit_code] { exit_code = run_command("send", 1, [&] { return send(*arguments); }); });
}

}  // namespace fc::cli
