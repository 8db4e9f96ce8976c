#include "bench/growth_report.h"

#include <algorithm>
#include <ostream>

namespace fc::bench {
namespace {

double cpu(const GrowthRow& row) {
    return row.figures.cpu_us_per_event.value_or(0);
}
double time_between(const GrowthRow& row) {
    return 1e6 / row.figures.events_per_second;
}
double memory(const GrowthRow& row) {
    return row.figures.resident_peak_mb.value_or(0);
}
double p99(const GrowthRow& row) {
    return row.figures.p99_ms;
}

/// A measure of the last point of a curve is at most `factor` times that of the base and `more`.
struct Bound {
    const char* curve;
    const char* base_curve;
    const char* base_at;
    const char* what;
    double (*measure)(const GrowthRow&);
    double factor;
    double more = 0;
};

/// What a figure may vary from run to run.
constexpr double noise = 1.25;
/// Open jobs in memory (`scheduler::LaneLimits`), and what else a larger store may take.
constexpr double memory_more_mb = 96;
constexpr double p99_ms_max = 10;
constexpr Bound bounds[] = {
    {"subscriptions", "subscriptions", "10", "CPU us/event", cpu, noise},
    {"groups", "groups", "1000", "CPU us/event", cpu, 2 * noise},
    {"open jobs, paused", "groups", "1000", "us between events", time_between, noise},
    {"open jobs, paused", "groups", "1000", "RSS MB", memory, 1, memory_more_mb},
    {"open jobs, dead target", "groups", "1000", "us between events", time_between, noise},
    {"open jobs, dead target", "groups", "1000", "RSS MB", memory, 1, memory_more_mb},
    {"finished jobs", "groups", "1000", "us between events", time_between, noise},
    {"finished jobs", "groups", "1000", "RSS MB", memory, 1, memory_more_mb},
    {"bytes", "bytes", "10000", "CPU us/event", cpu, 50},
    {"targets", "targets", "1", "CPU us/event", cpu, noise},
    {"fan-out", "fan-out", "1", "CPU us/event", cpu, noise},
    {"slow target, 10/s each", "slow target, 10/s each", "none", "p99 ms of the others", p99, 0, p99_ms_max},
    {"slow target, 50/s each", "slow target, 50/s each", "none", "p99 ms of the others", p99, 0, p99_ms_max}};

}  // namespace

void print_growth(std::ostream& out, const GrowthReport& report) {
    std::vector<Row> rows{table_head()};
    rows.front().insert(rows.front().end(), {"start ms", "RSS then"});
    for (const auto& row : report.rows) {
        rows.push_back(row_of(row.figures));
        rows.back().insert(
            rows.back().end(), {number(row.start_to_ready_ms, 0), number(row.start_resident_mb, 0)});
    }
    print_rows(out, rows);
}

std::vector<std::string> outgrown(const GrowthReport& report) {
    std::vector<std::string> found;
    for (const auto& bound : bounds) {
        const auto last = std::find_if(report.rows.rbegin(), report.rows.rend(), [&](const auto& row) {
            return row.curve == bound.curve;
        });
        const auto base = std::ranges::find_if(report.rows, [&](const auto& row) {
            return row.curve == bound.base_curve && row.at == bound.base_at;
        });
        if (last == report.rows.rend() || base == report.rows.end()) continue;
        const double most = bound.measure(*base) * bound.factor + bound.more;
        if (bound.measure(*last) <= most) continue;
        found.push_back(
            last->figures.scenario + ": " + bound.what + " " + number(bound.measure(*last), 1) +
            ", at most " + number(most, 1) + " for " + number(bound.measure(*base), 1) + " at " +
            base->figures.scenario);
    }
    return found;
}

}  // namespace fc::bench
