#include "flowcatalyst/cli/commands.h"
#include "flowcatalyst/cli/importer.h"
#include "flowcatalyst/cli/local.h"
#include "flowcatalyst/cli/progress.h"
#include "runtime/blocking_pool.h"
#include "runtime/clock.h"
#include "runtime/run_task.h"
#include "store/embedded/data_directory.h"
#include "store/embedded/embedded_store.h"

#include <CLI/CLI.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

namespace fc::cli {
namespace {

Task<> read_lines(std::istream* in, std::uint64_t bytes, Importer* importer) {
    Progress progress("import: ", " MiB");
    std::string line;
    std::uint64_t read = 0;
    while (std::getline(*in, line)) {
        read += line.size() + 1;
        co_await importer->take(line);
        progress.tell(read >> 20U, bytes >> 20U);
    }
    co_await importer->finish();
}

int import_file(const std::string& path) {
    const auto settings = load_settings();
    std::ifstream file;
    if (path != "-") file.open(path, std::ios::binary);
    if (path != "-" && !file) throw Failure(not_found("UNREADABLE_FILE", path + ": " + std::strerror(errno)));
    std::error_code unknown;
    const auto bytes = path == "-" ? 0 : std::filesystem::file_size(path, unknown);
    const store::sqlite::DataDirectory owned(settings.data_dir);
    const SystemClock clock;
    boost::asio::io_context io(1);
    const auto work = boost::asio::make_work_guard(io);
    BlockingPool threads(1);
    const auto store = store::open_embedded_store({.path = app::store_file(settings)}, io, threads, clock);
    Importer importer(*store, [&](std::size_t line, const std::string& why) {
        complain("import", path + " line " + std::to_string(line) + ": " + why);
    });
    run_task(io, read_lines(path == "-" ? &std::cin : &file, unknown ? 0 : bytes, &importer));
    const auto& counts = importer.counts();
    std::cout << counts.stored << " imported, " << counts.present << " there already, " << counts.faulty
              << " refused\n";
    if (counts.new_secrets > 0)
        std::cout << counts.new_secrets
                  << " subscriptions came without their secrets and got new ones: rotate"
                  << " a secret to see it, and set their headers\n";
    return counts.faulty > 0 ? 1 : 0;
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
    auto file = std::make_shared<std::string>();
    auto* command = app.add_subcommand(
        "import", "Read what `export` wrote into the store in DATA_DIR, while the product does not run");
    command->add_option("--file", *file, "The file to read; - is standard input")->required();
    command->callback(
        [file, &exit_code] { exit_code = run_command("import", 1, [&] { return import_file(*file); }); });
}

}  // namespace fc::cli
