#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace fc::cli {

void add_token(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("token", "Print the development administrator's token");
    command->callback([&exit_code] {
        exit_code = run_command("token", 1, [] {
            const auto token = read_dev_token(load_settings());
            std::cout << token.value() << '\n' << std::flush;
            return 0;
        });
    });
}

}  // namespace fc::cli
