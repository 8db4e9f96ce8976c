#include "flowcatalyst/cli/local.h"

#include "runtime/config.h"
#include "runtime/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fstream>
#include <iostream>

namespace fc::cli {

app::Settings load_settings() {
    return load_config<app::Settings>().value().value;
}

std::string local_url(const app::Settings& settings) {
    return "http://localhost:" + std::to_string(settings.http.port.value());
}

std::filesystem::path existing_store(const app::Settings& settings) {
    auto file = app::store_file(settings);
    if (std::filesystem::exists(file)) return file;
    throw Failure(not_found("NO_STORE", "there is no store at " + file.string() + " (DATA_DIR)"));
}

Result<std::string> read_dev_token(const app::Settings& settings) {
    const auto path = std::filesystem::path(settings.data_dir) / "dev-token";
    std::ifstream file(path);
    std::string token;
    if (file && std::getline(file, token) && !token.empty()) return token;
    return not_found(
        "NO_TOKEN",
        "cannot read " + path.string() +
            ": the product writes it when it starts in development mode (FLOWCATALYST_DEV=true, `make dev`);"
            " is DATA_DIR the same?");
}

Result<std::string> find_token(const std::string& given, const app::Settings& settings) {
    if (!given.empty()) return given;
    const auto environment = process_environment();
    const auto found = environment.find("FLOWCATALYST_TOKEN");
    if (found != environment.end() && !found->second.empty()) return found->second;
    if (!settings.admin_token.empty()) return settings.admin_token.reveal();
    return read_dev_token(settings);
}

http::ClientRequest api_request(
    const std::string& base_url, const std::string& token, std::string method, std::string_view path) {
    http::ClientRequest request;
    request.method = std::move(method);
    request.url = base_url;
    while (request.url.ends_with('/')) request.url.pop_back();
    request.url += path;
    request.headers.add("Accept", "application/json");
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    request.egress_checked = false;  // the user's own choice
    return request;
}

void complain(std::string_view command, std::string_view why) {
    std::cerr << "flowcatalyst " << command << ": " << why << '\n';
}

std::string explain(const Error& error) {
    auto text = error.detail;
    for (const auto& field : error.fields) {
        const auto fault = field.pointer + " " + field.detail;
        // Errors of settings have them in their one sentence already.
        if (error.detail.find(fault) == std::string::npos) text += "\n  " + fault;
    }
    return text;
}

void run_with_client(const std::function<Task<>(http::Client&)>& work) {
    constexpr std::size_t answer_bytes_max = 64U << 20U;  // a batch is answered with all its events
    http::ClientSettings settings;
    settings.body_kept_max = answer_bytes_max;
    settings.body_read_max = answer_bytes_max;
    boost::asio::io_context io(1);
    http::Client client(io.get_executor(), settings);
    std::exception_ptr failure;
    boost::asio::co_spawn(io, work(client), [&](std::exception_ptr thrown) {
        failure = std::move(thrown);
        client.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

int run_command(std::string_view command, int failure_code, const std::function<int()>& work) {
    try {
        log::start({.level = log::Level::warn});
        return work();
    } catch (const Failure& failure) {
        complain(command, explain(failure.error()));
    } catch (const std::exception& failure) {
        complain(command, failure.what());
    }
    return failure_code;
}

}  // namespace fc::cli
