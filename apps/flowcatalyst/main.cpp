#include "api.h"
#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"
#include "product.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "settings_help.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace {

void start_log(const fc::app::Settings& settings) {
    using fc::app::LogFormat;
    fc::log::Settings log;
    const bool is_automatic = settings.log_format == LogFormat::automatic;
    log.json = is_automatic ? !settings.dev : settings.log_format == LogFormat::json;
    log.level = static_cast<fc::log::Level>(settings.log_level);
    fc::log::start(log);
}

int print_config() {
    const auto settings = fc::load_config<fc::app::Settings>().value();
    std::fputs(fc::codec::print_settings(settings.list).c_str(), stdout);
    return 0;
}

void add_config(CLI::App& app, int& status) {
    auto* config = app.add_subcommand("config", "print the effective settings, secrets masked");
    auto as_page = std::make_shared<bool>(false);
    config->add_flag(
        "--markdown", *as_page, "print what each means and its default, as docs/CONFIGURATION.md");
    config->callback([as_page, &status] {
        if (*as_page)
            std::fputs(fc::app::settings_markdown().c_str(), stdout);
        else
            status = print_config();
    });
}

int serve() {
    const auto settings = fc::load_config<fc::app::Settings>().value();
    start_log(settings.value);
    for (const auto& key : settings.unknown_keys)
        fc::log::warn("unknown key in the configuration file", {{"key", key}});
    return fc::app::serve(settings);
}

/// What CLI11 says, and of an unknown command which ones there are.
std::string failure_message(const CLI::App* app, const CLI::Error& error) {
    auto text = CLI::FailureMessage::simple(app, error);
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return text;
    text += "Commands:";
    for (const auto* command : app->get_subcommands({})) {
        if (!command->get_group().empty()) text += ' ' + command->get_name();
    }
    return text + '\n';
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"FlowCatalyst: routes events to webhooks, in order. Without a command it serves."};
    app.set_version_flag("--version", "flowcatalyst 0.1.0");
    app.require_subcommand(0, 1);
    app.failure_message(failure_message);
    int status = 0;
    add_config(app, status);
    auto* document =
        app.add_subcommand("openapi", "print the API document")->group("");  // "": not in the help
    document->callback([] { std::puts(fc::app::api_document().c_str()); });
    fc::cli::add_commands(app, status);
    try {
        app.parse(argc, argv);
        return app.get_subcommands().empty() ? serve() : status;
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const fc::Failure& failure) {
        std::fprintf(stderr, "flowcatalyst: %s\n", fc::cli::explain(failure.error()).c_str());
        return 1;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "flowcatalyst: %s\n", failure.what());
        return 1;
    }
}
