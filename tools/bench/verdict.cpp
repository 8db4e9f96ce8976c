#include "bench/verdict.h"

#include "codec/json.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace fc::bench {
namespace {

const Figures* find(const Report& report, std::string_view scenario) {
    const auto found = std::ranges::find(report.scenarios, scenario, &Figures::scenario);
    return found == report.scenarios.end() ? nullptr : &*found;
}

std::string rounded(double value) {
    auto text = std::to_string(std::round(value * 100) / 100);
    return text.substr(0, text.size() - 4);
}

void expect_at_most(std::vector<std::string>& misses, const std::string& what, double value, double most) {
    if (most > 0 && value > most) misses.push_back(what + " " + rounded(value) + ", bar " + rounded(most));
}

/// `now` and `before` in units of their own runs' calibrations; a cost: more is worse.
void compare_cost(std::vector<std::string>& found, const std::string& what, double now, double before) {
    const bool is_known = std::isfinite(now) && std::isfinite(before) && now > 0 && before > 0;
    if (!is_known || now <= before * (1 + worse_share_max)) return;
    found.push_back(
        what + " is " + rounded((now / before - 1) * 100) +
        " % worse than recorded, relative to the machine");
}

}  // namespace

std::vector<Bar> standard_bars() {
    return {
        {"single, 1000 groups", 5'000, 150},
        {"single, ungrouped", 5'000, 150},
        {"batch 100, 1000 groups", 12'000, 60},
        {"batch 100, ungrouped", 12'000, 60},
        {"router alone, 1000 groups", 12'000},
        {.scenario = "100/s, 1000 groups", .p99_ms_max = 10},
        {.scenario = "1000/s, 1000 groups", .p99_ms_max = 10}};
}

std::vector<std::string> below_bars(const Report& report, const std::vector<Bar>& bars, const RestBar& rest) {
    std::vector<std::string> misses;
    for (const auto& bar : bars) {
        const auto* figures = find(report, bar.scenario);
        if (figures == nullptr) {
            misses.push_back(bar.scenario + ": was not run");
            continue;
        }
        if (figures->events_per_second < bar.events_per_second_min) {
            misses.push_back(
                bar.scenario + ": events/s " + rounded(figures->events_per_second) + ", bar " +
                rounded(bar.events_per_second_min));
        }
        expect_at_most(
            misses,
            bar.scenario + ": CPU us/event",
            figures->cpu_us_per_event.value_or(0),
            bar.cpu_us_per_event_max);
        expect_at_most(misses, bar.scenario + ": p99 ms", figures->p99_ms, bar.p99_ms_max);
    }
    if (!report.rest) {
        misses.emplace_back("at rest: was not run");
        return misses;
    }
    expect_at_most(misses, "start to ready ms", report.rest->start_to_ready_ms, rest.start_to_ready_ms_max);
    expect_at_most(misses, "idle CPU %", report.rest->idle_cpu_percent, rest.idle_cpu_percent_max);
    expect_at_most(misses, "idle MB", report.rest->idle_resident_mb, rest.idle_resident_mb_max);
    return misses;
}

std::vector<std::string> worse_than(const Report& recorded, const Report& report) {
    std::vector<std::string> found;
    for (const auto& now : report.scenarios) {
        const auto* before = find(recorded, now.scenario);
        if (before == nullptr || now.scenario.starts_with("tool alone")) continue;
        const bool is_at_rate = now.scenario.find("/s,") != std::string::npos;
        if (is_at_rate) {
            compare_cost(
                found,
                now.scenario + ": p50",
                now.p50_ms / now.sync_and_hop_ms,
                before->p50_ms / before->sync_and_hop_ms);
        } else {
            compare_cost(
                found,
                now.scenario + ": events/s",
                1 / (now.events_per_second * now.tool_cpu_us_per_event),
                1 / (before->events_per_second * before->tool_cpu_us_per_event));
        }
        compare_cost(
            found,
            now.scenario + ": CPU",
            now.cpu_us_per_event.value_or(0) / now.tool_cpu_us_per_event,
            before->cpu_us_per_event.value_or(0) / before->tool_cpu_us_per_event);
    }
    return found;
}

Report read_json_file(const std::string& path) {
    std::ifstream file{path};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto report = codec::from_json<Report>(text);
    if (!report) throw std::runtime_error(path + " holds no results: " + report.error().detail);
    return std::move(*report);
}

}  // namespace fc::bench
