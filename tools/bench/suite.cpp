#include "bench/suite.h"

#include "bench/event_loop.h"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

namespace fc::bench {
namespace {

constexpr unsigned signature_checked_every = 100;
constexpr unsigned window_single = 1'000;
constexpr unsigned window_batch = 3'000;

void wait(std::chrono::seconds time) {
    const timespec request{.tv_sec = time.count(), .tv_nsec = 0};
    nanosleep(&request, nullptr);
}

Scenario calibration(unsigned batch, double seconds) {
    Scenario scenario;
    scenario.name = batch > 1 ? "tool alone, batch " + std::to_string(batch) : "tool alone, single";
    scenario.load.batch = batch;
    scenario.load.window = batch > 1 ? window_batch : window_single;
    scenario.receiver.calibrates = true;
    scenario.seconds = seconds;
    return scenario;
}

Scenario saturated(unsigned batch, unsigned groups, Dedup dedup, unsigned runs) {
    Scenario scenario;
    scenario.name = batch > 1 ? "batch " + std::to_string(batch) : "single";
    scenario.name += groups > 0 ? ", " + std::to_string(groups) + " groups" : ", ungrouped";
    if (dedup == Dedup::random) scenario.name += ", random keys";
    scenario.load.batch = batch;
    scenario.load.groups = groups;
    scenario.load.dedup = dedup;
    scenario.load.window = batch > 1 ? window_batch : window_single;
    scenario.receiver.verify_every = signature_checked_every;
    scenario.seconds = runs > 1 ? 5 : 1.5;
    scenario.runs = runs;
    return scenario;
}

/// JetStream to target: the router without API and store.
Scenario router_alone(unsigned runs) {
    Scenario scenario;
    scenario.name = "router alone, 1000 groups";
    scenario.pointers = true;
    scenario.load.window = window_batch;
    scenario.seconds = runs > 1 ? 5 : 1.5;
    scenario.runs = runs;
    return scenario;
}

Scenario at_rate(unsigned rate, double seconds, unsigned runs) {
    Scenario scenario;
    scenario.name = std::to_string(rate) + "/s, 1000 groups";
    scenario.load.rate = rate;
    scenario.receiver.verify_every = signature_checked_every;
    scenario.seconds = seconds;
    scenario.runs = runs;
    return scenario;
}

/// What the machine needs for the shortest way of an event: to the disk, and over one connection.
double sync_and_hop_ms(double rate, const std::filesystem::path& directory) {
    auto tool_alone = calibration(1, 1);
    tool_alone.load.rate = rate;
    return fdatasync_median_us(directory) / 1'000 + run(tool_alone, {}).p50_ms;
}

Rest at_rest(const ServerOptions& options, bool quick, std::vector<Nanos>& starts) {
    const ServerProcess server{options};
    starts.push_back(server.start_to_ready());
    wait(std::chrono::seconds{quick ? 1 : 3});
    const Nanos begin = steady_now();
    const Nanos cpu = cpu_time_of(server.pid());
    wait(std::chrono::seconds{quick ? 2 : 5});
    const std::chrono::duration<double> used = cpu_time_of(server.pid()) - cpu;
    const std::chrono::duration<double> passed = steady_now() - begin;
    std::ranges::sort(starts);
    return {
        .start_to_ready_ms = static_cast<double>(starts[starts.size() / 2].count()) / 1e6,
        .starts = static_cast<unsigned>(starts.size()),
        .idle_cpu_percent = 100 * used.count() / passed.count(),
        .idle_resident_mb = memory_of(server.pid()).resident_mb};
}

Figures run_once(const Scenario& scenario, const SuiteOptions& options, std::vector<Nanos>& starts) {
    if (!options.own_server || scenario.receiver.calibrates) return run(scenario, options.subject);
    const double rate = scenario.load.rate;
    const double unit = rate > 0 ? sync_and_hop_ms(rate, options.own_server->data_parent) : 0;
    const ServerProcess server{*options.own_server};
    starts.push_back(server.start_to_ready());
    auto figures = run(scenario, {server.target(), server.pid(), server.nats_port(), options.make_pointers});
    figures.sync_and_hop_ms = unit;
    return figures;
}

}  // namespace

std::vector<Scenario> standard_scenarios(bool quick) {
    const unsigned runs = quick ? 1 : 3;
    std::vector<Scenario> scenarios;
    for (const unsigned batch : {1U, 100U}) scenarios.push_back(calibration(batch, quick ? 1 : 2));
    for (const unsigned batch : {1U, 100U}) {
        scenarios.push_back(saturated(batch, 1'000, Dedup::none, runs));
        scenarios.push_back(saturated(batch, 0, Dedup::none, runs));
        scenarios.push_back(saturated(batch, 1'000, Dedup::random, runs));
    }
    scenarios.push_back(router_alone(runs));
    for (const unsigned rate : {100U, 1'000U}) scenarios.push_back(at_rate(rate, quick ? 3 : 8, runs));
    return scenarios;
}

std::vector<Figures> run_in_rounds(
    const std::vector<Scenario>& scenarios, const SuiteOptions& options, std::vector<Nanos>& starts) {
    std::vector<std::vector<Figures>> runs(scenarios.size());
    const unsigned rounds = std::ranges::max(scenarios, {}, &Scenario::runs).runs;
    for (unsigned round = 1; round <= rounds; ++round) {
        for (std::size_t i = 0; i < scenarios.size(); ++i) {
            if (scenarios[i].runs < round) continue;
            std::cerr << scenarios[i].name << ", " << round << " of " << scenarios[i].runs << " ...\n";
            runs[i].push_back(run_once(scenarios[i], options, starts));
        }
    }
    std::vector<Figures> figures;
    for (const auto& of_scenario : runs) figures.push_back(combine(of_scenario));
    return figures;
}

Report run_suite(const SuiteOptions& options, const Machine& machine) {
    auto scenarios = standard_scenarios(options.quick);
    std::erase_if(
        scenarios, [&](const Scenario& one) { return one.name.find(options.only) == std::string::npos; });
    if (scenarios.empty()) throw std::runtime_error("no scenario is called '" + options.only + "'");
    std::vector<Nanos> starts;
    Report report{.machine = machine, .scenarios = run_in_rounds(scenarios, options, starts), .rest = {}};
    if (options.own_server && options.only.empty()) {
        std::cerr << "at rest ...\n";
        report.rest = at_rest(*options.own_server, options.quick, starts);
    }
    return report;
}

}  // namespace fc::bench
