#pragma once

#include "base/error.h"
#include "flowcatalyst/settings.h"
#include "http/client.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// What the commands know of the product on this machine.
namespace fc::cli {

/// Throws Failure naming the malformed variable.
app::Settings load_settings();

/// Where the product on this machine serves.
std::string local_url(const app::Settings& settings);
/// The embedded store's file, which is there. NO_STORE.
std::filesystem::path existing_store(const app::Settings& settings);

/// The token that the product left in DATA_DIR/dev-token at its start in development mode. NO_TOKEN says what
/// to do.
Result<std::string> read_dev_token(const app::Settings& settings);

/// The first of: `given`, FLOWCATALYST_TOKEN, the administrator's of the settings, the development token.
Result<std::string> find_token(const std::string& given, const app::Settings& settings);

/// A request to the API at `base_url`, with the token when there is one.
http::ClientRequest api_request(
    const std::string& base_url, const std::string& token, std::string method, std::string_view path);

/// Says on stderr "flowcatalyst <command>: why".
void complain(std::string_view command, std::string_view why);

/// "UNAVAILABLE: ..." with a line for each field's fault.
std::string explain(const Error& error);

/// Runs `work` with a client on an io_context of its own until it ends; throws what it threw.
void run_with_client(const std::function<Task<>(http::Client&)>& work);

/// Runs a command: what it returns is the exit code; what it throws is said on stderr and ends with
/// `failure_code`.
int run_command(std::string_view command, int failure_code, const std::function<int()>& work);

}  // namespace fc::cli
