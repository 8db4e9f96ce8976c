#include "http/circuit_breaker.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

const TimePoint start = from_unix_millis(1'800'000'000'000);

void answer(CircuitBreaker& breaker, bool success, TimePoint now) {
    const auto admission = breaker.admit(now);
    ASSERT_TRUE(admission) << "not admitted";
    breaker.record(*admission, success, now);
}

void trip(CircuitBreaker& breaker, TimePoint now) {
    for (std::uint32_t i = 0; i < CircuitBreaker::requests_min; ++i) answer(breaker, false, now);
    ASSERT_EQ(breaker.stats(now).state, BreakerState::open);
}

TEST(CircuitBreaker, StaysClosedBelowTenRequests) {
    CircuitBreaker breaker;
    for (int i = 0; i < 9; ++i) answer(breaker, false, start);
    EXPECT_EQ(breaker.stats(start).state, BreakerState::closed);
    answer(breaker, false, start);
    EXPECT_EQ(breaker.stats(start).state, BreakerState::open);
}

TEST(CircuitBreaker, StaysClosedBelowHalfFailures) {
    CircuitBreaker breaker;
    for (int i = 0; i < 51; ++i) answer(breaker, true, start);
    for (int i = 0; i < 50; ++i) answer(breaker, false, start);
    EXPECT_EQ(breaker.stats(start).state, BreakerState::closed);
    answer(breaker, false, start);
    EXPECT_EQ(breaker.stats(start).state, BreakerState::open);
}

TEST(CircuitBreaker, ForgetsAnswersOlderThanAMinute) {
    CircuitBreaker breaker;
    for (int i = 0; i < 9; ++i) answer(breaker, false, start);
    answer(breaker, false, start + Millis{61'000});
    EXPECT_EQ(breaker.stats(start + Millis{61'000}).state, BreakerState::closed);
    EXPECT_EQ(breaker.stats(start + Millis{61'000}).failures, 1u);
}

TEST(CircuitBreaker, OpenAdmitsNothingForFiveSeconds) {
    CircuitBreaker breaker;
    trip(breaker, start);
    EXPECT_FALSE(breaker.admit(start + Millis{4'999}));
    EXPECT_EQ(breaker.retry_at(start), start + Millis{5'000});
    EXPECT_TRUE(breaker.admit(start + Millis{5'000}));
    EXPECT_EQ(breaker.stats(start).rejected, 1u);
}

TEST(CircuitBreaker, HalfOpenAdmitsAFewProbes) {
    CircuitBreaker breaker;
    trip(breaker, start);
    const TimePoint later = start + Millis{5'000};
    for (std::uint32_t i = 0; i < CircuitBreaker::probes_max; ++i) EXPECT_TRUE(breaker.admit(later));
    EXPECT_FALSE(breaker.admit(later));
    EXPECT_GT(breaker.retry_at(later), later);
}

TEST(CircuitBreaker, ClosesAfterThreeSuccessesInARow) {
    CircuitBreaker breaker;
    trip(breaker, start);
    const TimePoint later = start + Millis{5'000};
    answer(breaker, true, later);
    answer(breaker, true, later);
    EXPECT_EQ(breaker.stats(later).state, BreakerState::half_open);
    answer(breaker, true, later);
    EXPECT_EQ(breaker.stats(later).state, BreakerState::closed);
    for (int i = 0; i < 9; ++i) answer(breaker, false, later);
    EXPECT_EQ(breaker.stats(later).state, BreakerState::closed) << "the window starts empty";
}

TEST(CircuitBreaker, EachFailedProbeDoublesTheWaitUpToAMinute) {
    CircuitBreaker breaker;
    trip(breaker, start);
    TimePoint now = start;
    for (const int seconds_open : {5, 10, 20, 40, 60, 60}) {
        const TimePoint due = now + Millis{seconds_open * 1'000};
        EXPECT_EQ(breaker.retry_at(now), due);
        answer(breaker, false, due);
        now = due;
    }
    const TimePoint due = breaker.retry_at(now);
    for (int i = 0; i < 3; ++i) answer(breaker, true, due);
    trip(breaker, due);
    EXPECT_EQ(breaker.retry_at(due), due + Millis{5'000}) << "a closed breaker starts over";
}

TEST(CircuitBreaker, AnswersFromBeforeTheTripDecideNothing) {
    CircuitBreaker breaker;
    const auto slow = breaker.admit(start);
    trip(breaker, start);
    const TimePoint later = start + Millis{5'000};
    const auto probe = breaker.admit(later);
    ASSERT_TRUE(probe);
    breaker.record(*slow, false, later);
    EXPECT_EQ(breaker.stats(later).state, BreakerState::half_open);
    breaker.record(*probe, true, later);
    EXPECT_EQ(breaker.stats(later).state, BreakerState::half_open);
}

TEST(CircuitBreaker, AbandonedProbeFreesItsPlace) {
    CircuitBreaker breaker;
    trip(breaker, start);
    const TimePoint later = start + Millis{5'000};
    for (int i = 0; i < 10; ++i) {
        const auto probe = breaker.admit(later);
        ASSERT_TRUE(probe);
        breaker.abandon(*probe);
    }
}

TEST(CircuitBreaker, ProbesThatNeverEndDoNotKeepItShutForEver) {
    CircuitBreaker breaker;
    trip(breaker, start);
    const TimePoint later = start + Millis{5'000};
    while (breaker.admit(later)) {
    }
    EXPECT_FALSE(breaker.admit(later + Millis{59'999}));
    EXPECT_TRUE(breaker.admit(later + Millis{60'000}));
}

TEST(CircuitBreaker, Defect26FiveHundredsCountAndOtherClientErrorsDoNot) {
    EXPECT_TRUE(counts_as_failure(0));
    EXPECT_TRUE(counts_as_failure(429));
    EXPECT_TRUE(counts_as_failure(500));
    EXPECT_TRUE(counts_as_failure(503));
    EXPECT_FALSE(counts_as_failure(200));
    EXPECT_FALSE(counts_as_failure(302));
    EXPECT_FALSE(counts_as_failure(404));
    EXPECT_FALSE(counts_as_failure(410));
}

TEST(BreakerRegistry, Defect26OneTargetDoesNotShutAnother) {
    BreakerRegistry registry;
    trip(registry.at("http://a"), start);
    EXPECT_FALSE(registry.at("http://a").admit(start));
    EXPECT_TRUE(registry.at("http://b").admit(start));
}

TEST(BreakerRegistry, ForgetsTheLeastRecentlyUsedTarget) {
    BreakerRegistry registry{2};
    trip(registry.at("http://a"), start);
    registry.at("http://b");
    registry.at("http://a");
    registry.at("http://c");
    EXPECT_EQ(registry.size(), 2u);
    EXPECT_EQ(registry.find("http://b"), nullptr);
    ASSERT_NE(registry.find("http://a"), nullptr);
    EXPECT_EQ(registry.find("http://a")->stats(start).state, BreakerState::open);
}

TEST(BreakerRegistry, Defect39OperatorMayReset) {
    BreakerRegistry registry;
    trip(registry.at("http://a"), start);
    EXPECT_FALSE(registry.reset("http://unknown"));
    EXPECT_TRUE(registry.reset("http://a"));
    EXPECT_TRUE(registry.at("http://a").admit(start));
    trip(registry.at("http://b"), start);
    EXPECT_EQ(registry.not_closed(), 1u);
    registry.reset_all();
    EXPECT_EQ(registry.not_closed(), 0u);
    EXPECT_EQ(registry.stats(start).front().second.state, BreakerState::closed);
}

}  // namespace
}  // namespace fc::http
