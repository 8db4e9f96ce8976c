#include "bench/overload.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

Figures sound(double p99_ms) {
    Figures figures;
    figures.scenario = "a part";
    figures.sent = figures.accepted = figures.delivered = 1'000;
    figures.p99_ms = p99_ms;
    return figures;
}

Overload endured() {
    Overload run;
    run.sustained = sound(1);
    run.overload = sound(30'000);
    run.overload.refused = 9'000;
    run.overload.acceptance_p99_ms = 400;
    run.overload.resident_peak_mb = 200;
    run.recovery_seconds = 1.3;
    run.recovered = sound(2);
    return run;
}

std::string only_broken(const Overload& run) {
    const auto broken = broken_by_overload(run);
    return broken.size() == 1 ? broken[0] : std::to_string(broken.size()) + " lines";
}

TEST(Overload, WhatWasEnduredBreaksNothing) {
    EXPECT_EQ(broken_by_overload(endured()), std::vector<std::string>());
}

TEST(Overload, EachPromiseIsNamedWhenItIsBroken) {
    auto run = endured();
    run.overload.lost = 1;
    EXPECT_EQ(only_broken(run), "a part: accepted events were lost, doubled, changed or disordered");
    run = endured();
    run.overload.acceptance_p99_ms = 1'001;
    EXPECT_EQ(only_broken(run), "answer to accepted requests: p99 ms 1001, bar 1000");
    run = endured();
    run.overload.resident_peak_mb = 5'000;
    EXPECT_EQ(only_broken(run), "MB resident 5000, bar 512");
    run = endured();
    run.recovered.p99_ms = 12;
    EXPECT_EQ(only_broken(run), "p99 ms at 1,000/s after it 12, bar 10");
    run = endured();
    run.recovery_seconds = 6;
    EXPECT_EQ(only_broken(run), "seconds of recovery 6.00, bar 5.00");
    run = endured();
    run.overload.first_problem = "500";
    EXPECT_EQ(only_broken(run), "a part: answer 500");
}

}  // namespace
}  // namespace fc::bench
