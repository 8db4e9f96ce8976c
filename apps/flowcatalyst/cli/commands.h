#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

/// What the binary can do besides serving. Each function adds its subcommand; when the user calls it, it runs
/// to its end while CLI11 parses, and `exit_code`, which outlives the parsing, is what the process ends with.
namespace fc::cli {

/// `backup`: copies the store into one file, also while the product runs. `restore` puts it back.
void add_backup(CLI::App& app, int& exit_code);
void add_restore(CLI::App& app, int& exit_code);
/// `export` writes configuration and events as JSON lines, `import` reads them.
void add_export(CLI::App& app, int& exit_code);
void add_import(CLI::App& app, int& exit_code);
/// `listen`: a webhook target that prints a line a delivery, verifies, checks the order, and misbehaves as
/// told.
void add_listen(CLI::App& app, int& exit_code);
/// `send`: publishes a file of events in batches.
void add_send(CLI::App& app, int& exit_code);
/// `token`: prints the development administrator's token.
void add_token(CLI::App& app, int& exit_code);
/// `verify`: recounts events and jobs; ends with 0 equal, 1 different, 2 could not check.
void add_verify(CLI::App& app, int& exit_code);

inline void add_commands(CLI::App& app, int& exit_code) {
    add_backup(app, exit_code);
    add_export(app, exit_code);
    add_import(app, exit_code);
    add_listen(app, exit_code);
    add_restore(app, exit_code);
    add_send(app, exit_code);
    add_token(app, exit_code);
    add_verify(app, exit_code);
}

}  // namespace fc::cli
