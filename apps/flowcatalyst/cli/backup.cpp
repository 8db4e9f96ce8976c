#include "store/embedded/backup.h"

#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/local.h"
#include "flowcatalyst/cli/progress.h"
#include "flowcatalyst/secrets.h"
#include "runtime/clock.h"
#include "store/embedded/data_directory.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sys/stat.h>

namespace fc::cli {
namespace {

namespace fs = std::filesystem;

fs::path key_file(const app::Settings& settings) {
    return fs::path(settings.data_dir) / "app-key";
}

/// 20261124T024300Z
std::string stamp_of(TimePoint time) {
    auto text = to_rfc3339(time);
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + "Z";
}

OnProgress progress_of(const std::string& what) {
    auto shown = std::make_shared<Progress>(what + ": ", " MiB");
    return [shown](std::uint64_t bytes, std::uint64_t of) { shown->tell(bytes >> 20U, of >> 20U); };
}

int back_up(const std::string& target) {
    const auto settings = load_settings();
    const auto store = existing_store(settings);
    store::BackupNotes notes{SystemClock().wall(), ""};
    if (settings.app_key.empty() && fs::exists(key_file(settings)))
        notes.app_key = app::load_or_make_secret(key_file(settings)).reveal();
    fs::path file = target;
    if (fs::is_directory(file)) file /= "flowcatalyst-" + stamp_of(notes.created_at) + ".backup";
    const auto folder = fs::absolute(file).parent_path();
    if (!fs::is_directory(folder))
        throw Failure(not_found("NO_FOLDER", "there is no folder " + folder.string()));
    umask(077);  // it holds what was sent, and secrets
    store::back_up_store(store, file, notes, progress_of("backup"));
    std::cout << file.string() << ": " << fs::file_size(file) << " bytes, the store as of "
              << to_rfc3339(notes.created_at) << '\n';
    return 0;
}

/// The lock file that says who owns the directory is no content, nor is what a restore that died has left.
bool has_no_content(const fs::path& directory) {
    return std::all_of(fs::directory_iterator(directory), fs::directory_iterator(), [](const auto& entry) {
        const auto name = entry.path().filename().string();
        return name == "lock" || name.find(".part") != std::string::npos;
    });
}

int restore(const std::string& source, bool force) {
    const auto settings = load_settings();
    const auto store = app::store_file(settings);
    if (fs::is_directory(source))
        throw Failure(invalid("NO_BACKUP", source + " is a folder: name the backup in it"));
    if (!fs::is_regular_file(source)) throw Failure(not_found("NO_BACKUP", "there is no file " + source));
    umask(077);
    const store::sqlite::DataDirectory owned(settings.data_dir);
    if (!force && (fs::exists(store) || !has_no_content(owned.path()))) {
        throw Failure(conflict(
            "DATA_DIR_NOT_EMPTY",
            owned.path().string() + " (DATA_DIR) is not empty: --force replaces the store in it"));
    }
    const auto restored = store::restore_store(source, store, progress_of("restore"));
    const auto& found = restored.verification;
    for (const auto& difference : found.differences) std::cout << "different: " << difference << '\n';
    if (!found.differences.empty()) {
        complain("restore", "the counts of the backup do not add up; nothing was replaced");
        return 1;
    }
    if (!restored.notes.app_key.empty()) app::write_secret(key_file(settings), restored.notes.app_key);
    std::cout << store.string() << ": the store as of " << to_rfc3339(restored.notes.created_at) << ", "
              << found.events << " events, " << found.jobs << " jobs, everything adds up\n"
              << found.open << " open jobs are delivered once the product runs; what it delivered after the"
              << " backup is delivered again\n";
    return 0;
}

}  // namespace

void add_backup(CLI::App& app, int& exit_code) {
    auto target = std::make_shared<std::string>();
    auto* command =
        app.add_subcommand("backup", "Copy the store in DATA_DIR into one file, also while the product runs");
    command->add_option("target", *target, "The file to write, or a folder, where its name is the time")
        ->required();
    command->callback(
        [target, &exit_code] { exit_code = run_command("backup", 1, [&] { return back_up(*target); }); });
}

void add_restore(CLI::App& app, int& exit_code) {
    auto source = std::make_shared<std::string>();
    auto force = std::make_shared<bool>(false);
    auto* command = app.add_subcommand("restore", "Put the store of a backup into DATA_DIR, and recount it");
    command->add_option("source", *source, "A file that `flowcatalyst backup` made")->required();
    command->add_flag("--force", *force, "Replace the store that is there");
    command->callback([source, force, &exit_code] {
        exit_code = run_command("restore", 1, [&] { return restore(*source, *force); });
    });
}

}  // namespace fc::cli
