#include "bench/growth.h"

#include "codec/json.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace fc::bench {
namespace {

constexpr unsigned signature_checked_every = 100;
constexpr unsigned window = 3'000;
constexpr std::chrono::seconds slow_answer{2};

Scenario saturated(unsigned batch) {
    Scenario scenario;
    scenario.load.batch = batch;
    scenario.load.window = window;
    scenario.receiver.verify_every = signature_checked_every;
    scenario.seconds = 3;
    scenario.runs = 3;
    return scenario;
}

GrowthPoint among_subscriptions(unsigned count) {
    return {
        .curve = "subscriptions",
        .at = std::to_string(count),
        .scenario = saturated(100),
        .surroundings = {.other_subscriptions = count - 1}};
}

GrowthPoint in_groups(unsigned count) {
    GrowthPoint point{.curve = "groups", .at = std::to_string(count), .scenario = saturated(100)};
    point.scenario.load.groups = count;
    return point;
}

GrowthPoint beside_open_jobs(std::uint64_t count, bool dead_target) {
    GrowthPoint point{
        .curve = dead_target ? "open jobs, dead target" : "open jobs, paused",
        .at = std::to_string(count),
        .scenario = saturated(100)};
    point.surroundings.open_jobs = count;
    point.surroundings.dead_target = dead_target;
    if (dead_target) point.surroundings.pool = "dead";
    return point;
}

/// What tools/dataset says of what it made.
struct DataSet {
    std::uint64_t jobs = 0;
};
BOOST_DESCRIBE_STRUCT(DataSet, (), (jobs))

GrowthPoint beside_finished_jobs(const std::filesystem::path& folder) {
    std::ifstream file{folder / "dataset.json"};
    const auto data = codec::from_json<DataSet>(std::string{std::istreambuf_iterator<char>{file}, {}});
    if (!data || data->jobs == 0) throw std::runtime_error(folder.string() + " holds no data set");
    return {
        .curve = "finished jobs",
        .at = std::to_string(data->jobs),
        .scenario = saturated(100),
        .on_finished = true};
}

GrowthPoint with_payload(unsigned bytes) {
    constexpr unsigned bytes_under_way = 32U << 20U;
    GrowthPoint point{.curve = "bytes", .at = std::to_string(bytes), .scenario = saturated(1)};
    point.scenario.load.bytes = bytes;
    point.scenario.load.window = std::min(1'000U, bytes_under_way / bytes);
    return point;
}

GrowthPoint to_targets(unsigned count) {
    GrowthPoint point{.curve = "targets", .at = std::to_string(count), .scenario = saturated(100)};
    point.scenario.load.types = count;
    return point;
}

GrowthPoint with_fan_out(unsigned count) {
    GrowthPoint point{.curve = "fan-out", .at = std::to_string(count), .scenario = saturated(1)};
    point.scenario.load.copies = count;
    point.scenario.load.groups = 100;
    point.scenario.load.window = std::max(window, 10 * count);
    return point;
}

/// `rate` events a second to each of 100 targets, and to one more that is slow. Only the others are timed.
GrowthPoint beside_slow_target(unsigned rate, bool is_there, const std::string& pool) {
    GrowthPoint point{.curve = "slow target, " + std::to_string(rate) + "/s each"};
    point.at = !is_there ? "none" : pool.empty() ? "one" : "one, own pool";
    auto& scenario = point.scenario;
    scenario.load.types = is_there ? 101 : 100;
    scenario.load.groups = scenario.load.types * rate;
    scenario.load.rate = scenario.load.types * rate;
    scenario.receiver.verify_every = signature_checked_every;
    scenario.seconds = 4;
    if (is_there) scenario.receiver.delay = slow_answer;
    scenario.receiver.delays_first_target_only = is_there;
    scenario.pool_of_first_target = point.surroundings.pool = pool;
    return point;
}

GrowthRow measure(const GrowthPoint& point, ServerOptions options, const GrowthOptions& growth) {
    if (point.on_finished) options.prepared = growth.finished;
    ServerProcess server{options};
    prepare(server.target(), point.surroundings);
    std::vector<Figures> runs;
    for (unsigned i = 0; i < point.scenario.runs; ++i)
        runs.push_back(run(point.scenario, Subject{.target = server.target(), .pid = server.pid()}));
    server.restart();
    return {
        .curve = point.curve,
        .at = point.at,
        .figures = combine(runs),
        .start_to_ready_ms = static_cast<double>(server.start_to_ready().count()) / 1e6,
        .start_resident_mb = memory_of(server.pid()).resident_mb};
}

}  // namespace

std::vector<GrowthPoint> growth_points(const GrowthOptions& options) {
    const unsigned share = options.quick ? 10 : 1;
    std::vector<GrowthPoint> points;
    for (const unsigned count : {1U, 10U, 1'000U, 50'000U / share})
        points.push_back(among_subscriptions(count));
    for (const unsigned count : {1U, 100U, 1'000U, 10'000U, 100'000U}) points.push_back(in_groups(count));
    for (const bool dead_target : {false, true})
        points.push_back(beside_open_jobs(1'000'000 / share, dead_target));
    if (!options.finished.empty()) points.push_back(beside_finished_jobs(options.finished));
    for (const unsigned bytes : {200U, 10'000U, 500'000U}) points.push_back(with_payload(bytes));
    for (const unsigned count : {1U, 100U, 1'000U}) points.push_back(to_targets(count));
    for (const unsigned count : {1U, 10U, 1'000U}) points.push_back(with_fan_out(count));
    for (const unsigned rate : {10U, 50U}) {
        points.push_back(beside_slow_target(rate, false, ""));
        points.push_back(beside_slow_target(rate, true, ""));
        points.push_back(beside_slow_target(rate, true, "slow"));
    }
    for (auto& point : points) {
        point.scenario.name = point.curve + ": " + point.at;
        if (options.quick) point.scenario.runs = 1;
    }
    std::erase_if(
        points, [&](const auto& point) { return point.curve.find(options.only) == std::string::npos; });
    return points;
}

GrowthReport run_growth(const GrowthOptions& options, const Machine& machine) {
    GrowthReport report{.machine = machine, .rows = {}};
    for (const auto& point : growth_points(options)) {
        std::cerr << point.scenario.name << " ..." << std::endl;
        report.rows.push_back(measure(point, options.server, options));
    }
    return report;
}

}  // namespace fc::bench
