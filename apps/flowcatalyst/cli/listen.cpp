#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/listener.h"
#include "flowcatalyst/cli/local.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace fc::cli {
namespace {

constexpr seconds stop_deadline{2};

struct ListenArguments {
    std::string host = "127.0.0.1";
    std::uint16_t port = 9000;
    std::string fail;
    double delay_seconds = 0;
    std::string secret;
    bool is_one_group = false;
    bool is_quiet = false;
};

/// For CLI11: "" when `--fail` can be read.
std::string check_fail(const std::string& text) {
    const auto parsed = Misbehaviour::parse(text);
    return parsed ? "" : parsed.error().detail;
}

std::string check_secret(const std::string& text) {
    const auto check = SignatureCheck::with(Secret(text));
    return check ? "" : check.error().detail;
}

ListenerOptions options_of(const ListenArguments& arguments) {
    ListenerOptions options;
    options.host = arguments.host;
    options.port = arguments.port;
    options.delay = Millis{static_cast<std::int64_t>(arguments.delay_seconds * 1'000)};
    options.is_one_group = arguments.is_one_group;
    if (!arguments.fail.empty()) options.misbehaviour = Misbehaviour::parse(arguments.fail).value();
    if (!arguments.secret.empty()) {
        options.signatures = SignatureCheck::with(Secret(arguments.secret)).value();
    }
    return options;
}

std::string summary_of(const ListenerCounts& counts) {
    return std::to_string(counts.deliveries) + " deliveries: " + std::to_string(counts.accepted) +
           " accepted, " + std::to_string(counts.again) + " again, " + std::to_string(counts.bad_signatures) +
           " bad signatures, " + std::to_string(counts.out_of_order) + " out of order";
}

int listen(const ListenArguments& arguments) {
    // Flushed line by line: whoever reads may be a pipe.
    const auto print = [](std::string_view line) { std::cout << line << '\n' << std::flush; };
    boost::asio::io_context io(1);
    Listener::Print print_delivery = [](std::string_view) {};
    if (!arguments.is_quiet) print_delivery = print;
    Listener listener(io, options_of(arguments), std::move(print_delivery));
    const bool is_ipv6 = arguments.host.find(':') != std::string::npos;
    const auto host = is_ipv6 ? "[" + arguments.host + "]" : arguments.host;
    print("listening on http://" + host + ":" + std::to_string(listener.port()) + "/ (Ctrl-C ends)");
    const RunOptions options{.stop_deadline = stop_deadline};
    const int code = run_services(io, {&listener}, options);
    print(summary_of(listener.counts()));
    return code;
}

}  // namespace

void add_listen(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<ListenArguments>();
    auto* command = app.add_subcommand(
        "listen", "Be a webhook target: print, verify and order-check deliveries, misbehave as told");
    command->add_option("--port", arguments->port, "Port, 0 for any free one")->capture_default_str();
    command->add_option("--host", arguments->host, "IP address to listen on")->capture_default_str();
    command
        ->add_option(
            "--fail",
            arguments->fail,
            "Misbehave: statuses, timeout (never answers), reset (breaks the connection), in turn; "
            "503,timeout,reset fails each delivery, 503,reset:0.2 one in five, 503,200 every other one")
        ->check(CLI::Validator(check_fail, "KIND[,KIND...][:SHARE]"));
    command->add_option("--delay", arguments->delay_seconds, "Seconds before each answer")
        ->check(CLI::Range(0.0, 3600.0));
    command
        ->add_option(
            "--secret", arguments->secret, "Signing secret: verifies both signatures, answers 401 if bad")
        ->check(CLI::Validator(check_secret, "whsec_..."));
    command->add_flag(
        "--one-group",
        arguments->is_one_group,
        "Check the order of all deliveries to a path; else that of deliveries which name their group "
        "(header X-FlowCatalyst-Message-Group, or the envelope of dataOnly=false). "
        "Give each subscription its own path.");
    command->add_flag("--quiet", arguments->is_quiet, "Print the first and the last line only");
    command->callback([arguments, &exit_code] {
        exit_code = run_command("listen", 1, [&] { return listen(*arguments); });
    });
}

}  // namespace fc::cli
