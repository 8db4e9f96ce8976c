#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"
#include "flowcatalyst/cli/progress.h"
#include "flowcatalyst/cli/transfer_line.h"
#include "runtime/fault.h"
#include "runtime/new_file.h"
#include "store/embedded/store_reader.h"

#include <CLI/CLI.hpp>

#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sys/stat.h>

namespace fc::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
    std::string file;
    bool with_secrets = false;
    bool no_events = false;
};

std::size_t write_lines(std::ostream& out, store::StoreReader& store, const ExportArguments& arguments) {
    std::size_t lines = 0;
    for (const auto* kind : entity_kinds) {
        for (const auto& entity : store.documents(kind)) {
            out << to_line(kind, entity, arguments.with_secrets) << '\n';
            ++lines;
        }
    }
    if (arguments.no_events) return lines;
    const auto total = store.event_count();
    std::uint64_t events = 0;
    Progress progress("export: ", " events");
    store.for_each_event([&](const store::EventRecord& event) {
        out << to_line(event) << '\n';
        fault_point("inside-export");
        progress.tell(++events, total);
    });
    return lines + events;
}

/// Standard output, a pipe, a device: written as it is.
bool is_stream(const std::string& file) {
    return file == "-" || (fs::exists(file) && !fs::is_regular_file(file));
}

int export_store(const ExportArguments& arguments) {
    const auto settings = load_settings();
    store::StoreReader store(existing_store(settings));
    umask(077);  // it holds what was sent, and with --with-secrets more
    std::optional<NewFile> made;
    if (!is_stream(arguments.file)) made.emplace(arguments.file);
    std::ofstream file;
    if (arguments.file != "-")
        file.open(made ? made->path() : fs::path(arguments.file), std::ios::binary | std::ios::trunc);
    auto& out = arguments.file == "-" ? std::cout : file;
    const auto lines = out ? write_lines(out, store, arguments) : 0;
    out.flush();
    if (!out) throw Failure(unavailable("CANNOT_WRITE", arguments.file + ": " + std::strerror(errno)));
    if (made) made->keep();
    std::cerr << "exported " << lines << " lines to " << arguments.file << '\n';
    return 0;
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<ExportArguments>();
    auto* command = app.add_subcommand(
        "export",
        "Write configuration and events of the store in DATA_DIR as JSON lines, also while it runs");
    command->add_option("--file", arguments->file, "The file to write; - is standard output")->required();
    command->add_flag(
        "--with-secrets", arguments->with_secrets, "Subscriptions with their signing secrets and headers");
    command->add_flag("--no-events", arguments->no_events, "Configuration only");
    command->callback([arguments, &exit_code] {
        exit_code = run_command("export", 1, [&] { return export_store(*arguments); });
    });
}

}  // namespace fc::cli
