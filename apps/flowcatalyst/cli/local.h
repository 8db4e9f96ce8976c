#pragma once

#include "base/error.h"
#include "base/vocabulary.h"
#include "http/client.h"

#include <boost/describe/class.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// What the commands know of the product on this machine.
namespace fc::cli {

struct LocalHttp {
    Bounded<0, 65535> port = 8080;
};
BOOST_DESCRIBE_STRUCT(LocalHttp, (), (port))

/// The settings of the product that its commands need too.
struct LocalSettings {
    std::string data_dir = "./data";
    LocalHttp http;

    std::filesystem::path token_file() const { return std::filesystem::path(data_dir) / "dev-token"; }
    std::filesystem::path store_file() const { return std::filesystem::path(data_dir) / "flowcatalyst.db"; }
    std::string url() const { return "http://localhost:" + std::to_string(http.port.value()); }
};
BOOST_DESCRIBE_STRUCT(LocalSettings, (), (data_dir, http))

/// Throws Failure naming the malformed variable.
LocalSettings load_local_settings();

/// The token that the product left in DATA_DIR/dev-token at its start in development mode. NO_TOKEN says what
/// to do.
Result<std::string> read_dev_token(const LocalSettings& settings);

/// The first of: `given`, FLOWCATALYST_TOKEN, the development token.
Result<std::string> find_token(const std::string& given, const LocalSettings& settings);

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
