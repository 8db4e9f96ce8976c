#include "bench/growth_report.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

GrowthRow row(std::string curve, std::string at, double rate, double cpu, double resident_mb) {
    GrowthRow made{.curve = std::move(curve), .at = std::move(at), .figures = {}};
    made.figures.scenario = made.curve + ": " + made.at;
    made.figures.events_per_second = rate;
    made.figures.cpu_us_per_event = cpu;
    made.figures.resident_peak_mb = resident_mb;
    return made;
}

GrowthReport report() {
    GrowthReport made;
    made.rows = {
        row("subscriptions", "10", 20'000, 50, 100),
        row("subscriptions", "50000", 18'000, 60, 200),
        row("groups", "1000", 20'000, 50, 100),
        row("open jobs, paused", "1000000", 17'000, 55, 150)};
    return made;
}

TEST(Growth, NothingToSayOfFiguresThatGrowWithTheWork) {
    EXPECT_TRUE(outgrown(report()).empty());
    EXPECT_TRUE(outgrown({}).empty());
}

TEST(Growth, FigureThatOutgrowsTheWorkIsNamedWithItsBase) {
    auto steep = report();
    steep.rows[1].figures.cpu_us_per_event = 63;
    steep.rows[3].figures.events_per_second = 15'000;
    steep.rows[3].figures.resident_peak_mb = 1'000;
    const std::vector<std::string> expected{
        "subscriptions: 50000: CPU us/event 63.0, at most 62.5 for 50.0 at subscriptions: 10",
        "open jobs, paused: 1000000: us between events 66.7, at most 62.5 for 50.0 at groups: 1000",
        "open jobs, paused: 1000000: RSS MB 1000.0, at most 196.0 for 100.0 at groups: 1000"};
    EXPECT_EQ(outgrown(steep), expected);
}

TEST(Growth, SlowTargetIsHeldAgainstALatencyOfItsOwn) {
    GrowthReport made;
    made.rows = {
        row("slow target, 10/s each", "none", 1'000, 300, 50),
        row("slow target, 10/s each", "one", 1'010, 300, 50)};
    made.rows[0].figures.p99_ms = 1;
    made.rows[1].figures.p99_ms = 9.9;
    EXPECT_TRUE(outgrown(made).empty());
    made.rows[1].figures.p99_ms = 10.1;
    EXPECT_EQ(outgrown(made).size(), 1U);
}

}  // namespace
}  // namespace fc::bench
