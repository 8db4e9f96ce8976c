#pragma once

#include "bench/report.h"

#include <string>
#include <vector>

namespace fc::bench {

/// The least that the product must reach (design.md section 7).
struct Bar {
    std::string scenario;
    double events_per_second_min = 0;  ///< 0: none
    double cpu_us_per_event_max = 0;   ///< 0: none
    double p99_ms_max = 0;             ///< 0: none
};
std::vector<Bar> standard_bars();
struct RestBar {
    double start_to_ready_ms_max = 300;
    double idle_cpu_percent_max = 1;
    double idle_resident_mb_max = 60;
};

/// One line for each figure that misses its bar, and for each bar whose scenario was not run.
std::vector<std::string> below_bars(
    const Report& report, const std::vector<Bar>& bars, const RestBar& rest = {});

/// How much worse a figure may be than the recorded one, each divided by what its own run says of the
/// machine.
constexpr double worse_share_max = 0.25;

/// One line for each figure that is more than `worse_share_max` worse than in `recorded`. Machines differ,
/// and one machine differs from itself, so no figure is compared as it stands: rates and CPU are divided by
/// what the same run cost the tool, whose work is that of a bare HTTP loop, the median latency by a sync of
/// the disk and a bare request just before. The 99th percentile is left to its bar.
std::vector<std::string> worse_than(const Report& recorded, const Report& report);

/// Throws std::runtime_error when there is no such report.
Report read_json_file(const std::string& path);

}  // namespace fc::bench
