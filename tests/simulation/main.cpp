// simulation [--seeds N] [--first SEED] [--steps N]: plays histories of the product's core; exit 1 names the
// first seed that breaks a rule.
#include "store/embedded/schema.h"
#include "world.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 500;
    int steps = 300;
    unsigned processes = 2;
};

/// Every n-th seed from `offset`; 1 when one broke a rule.
int play(const Options& options, unsigned offset) {
    fc::simulation::MemDisk disk;
    fc::simulation::open_store().reset();
    disk.save_template();
    for (auto seed = options.first + offset; seed < options.first + options.seeds;
         seed += options.processes) {
        fc::simulation::World world(disk, seed, options.seeds == 1);
        if (const auto violation = world.run(options.steps)) {
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violation->c_str());
            std::printf(
                "  again: simulation --first %llu --seeds 1\n", static_cast<unsigned long long>(seed));
            return 1;
        }
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Simulates the order, hand-over and recovery of dispatch jobs"};
    app.add_option("--first", options.first, "first seed");
    app.add_option("--seeds", options.seeds, "how many seeds");
    app.add_option("--steps", options.steps, "steps of each history");
    app.add_option("--processes", options.processes, "processes to share the seeds")
        ->check(CLI::Range(1, 64));
    CLI11_PARSE(app, argc, argv);
    if (options.processes == 1 || options.seeds == 1) {
        options.processes = 1;
        const int failed = play(options, 0);
        if (failed == 0)
            std::printf("%llu seeds: no rule broken\n", static_cast<unsigned long long>(options.seeds));
        return failed;
    }
    std::vector<pid_t> children;
    for (unsigned at = 0; at < options.processes; ++at) {
        const auto child = fork();
        if (child == 0) {
            const int failed = play(options, at);
            std::fflush(stdout);
            _exit(failed);
        }
        children.push_back(child);
    }
    int failed = 0;
    for (const auto child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        if (status != 0) failed = 1;
    }
    if (failed == 0) {
        std::printf(
            "%llu seeds of %d steps: no rule broken\n",
            static_cast<unsigned long long>(options.seeds),
            options.steps);
    }
    return failed;
}
