#include "bench/verdict.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

Figures figures(std::string scenario, double rate, double cpu, double p50, double p99) {
    Figures made;
    made.scenario = std::move(scenario);
    made.events_per_second = rate;
    made.cpu_us_per_event = cpu;
    made.p50_ms = p50;
    made.tool_cpu_us_per_event = 10;
    made.sync_and_hop_ms = 0.3;
    made.p99_ms = p99;
    return made;
}

Report report() {
    Report made;
    made.scenarios = {
        figures("tool alone, single", 90'000, 11, 0, 0),
        figures("tool alone, batch 100", 200'000, 5, 0, 0),
        figures("single, 1000 groups", 10'000, 90, 0, 0),
        figures("single, ungrouped", 10'000, 90, 0, 0),
        figures("batch 100, 1000 groups", 15'000, 58, 0, 0),
        figures("batch 100, ungrouped", 25'000, 45, 0, 0),
        figures("router alone, 1000 groups", 20'000, 45, 0, 0),
        figures("100/s, 1000 groups", 100, 900, 1.0, 2),
        figures("1000/s, 1000 groups", 1'000, 400, 0.5, 2)};
    made.rest = Rest{40, 5, 0.3, 35};
    return made;
}

TEST(Verdict, NothingToSayOfAReportAboveAllBars) {
    EXPECT_TRUE(below_bars(report(), standard_bars()).empty());
    EXPECT_TRUE(worse_than(report(), report()).empty());
}

TEST(Verdict, EachMissedBarIsNamedWithItsFigure) {
    auto slow = report();
    slow.scenarios[2].events_per_second = 4'000;
    slow.scenarios[4].cpu_us_per_event = 71.5;
    slow.scenarios[8].p99_ms = 12;
    slow.rest->idle_resident_mb = 61;
    const std::vector<std::string> expected{
        "single, 1000 groups: events/s 4000.00, bar 5000.00",
        "batch 100, 1000 groups: CPU us/event 71.50, bar 60.00",
        "1000/s, 1000 groups: p99 ms 12.00, bar 10.00",
        "idle MB 61.00, bar 60.00"};
    EXPECT_EQ(below_bars(slow, standard_bars()), expected);
}

TEST(Verdict, ScenarioThatWasNotRunMissesItsBar) {
    auto partial = report();
    partial.scenarios.pop_back();
    partial.rest.reset();
    EXPECT_EQ(below_bars(partial, standard_bars()).size(), 2u);
}

TEST(Verdict, SlowerMachineIsNoWorseProduct) {
    auto elsewhere = report();
    for (auto& each : elsewhere.scenarios) {
        each.events_per_second /= 2;
        *each.cpu_us_per_event *= 2;
        each.tool_cpu_us_per_event *= 2;
        each.p50_ms *= 2;
        each.sync_and_hop_ms *= 2;
    }
    EXPECT_TRUE(worse_than(report(), elsewhere).empty());
}

TEST(Verdict, FigureAQuarterWorseOnTheSameMachineIsNamed) {
    auto slow = report();
    slow.scenarios[3].events_per_second = 7'900;
    slow.scenarios[5].cpu_us_per_event = 60;
    slow.scenarios[7].p50_ms = 1.3;
    const auto found = worse_than(report(), slow);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].substr(0, 28), "single, ungrouped: events/s ");
    EXPECT_EQ(found[1].substr(0, 26), "batch 100, ungrouped: CPU ");
    EXPECT_EQ(found[2].substr(0, 24), "100/s, 1000 groups: p50 ");
    slow.scenarios[3].events_per_second = 8'100;
    slow.scenarios[5].cpu_us_per_event = 55;
    slow.scenarios[7].p50_ms = 1.2;
    EXPECT_TRUE(worse_than(report(), slow).empty());
}

}  // namespace
}  // namespace fc::bench
