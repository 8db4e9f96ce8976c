#include "messaging/delivery/retry.h"

#include "codec/json.h"

#include <gtest/gtest.h>

#include <random>

namespace fc::messaging {
namespace {

using Kind = RetryDecision::Kind;

std::vector<std::int64_t> first_waits(const RetryStrategy& strategy, int count) {
    std::vector<std::int64_t> waits;
    for (int attempt = 1; attempt <= count; ++attempt) waits.push_back(strategy.wait_after(attempt).count());
    return waits;
}

RetryStrategy strategy_of(std::string_view text) {
    return RetryStrategy::parse(text).value();
}

TEST(RetryStrategy, DefaultIsOneRoundOfThreeThenFiveSecondsDoublingToAnHour) {
    const std::vector<std::int64_t> expected{
        1000,
        2000,
        5000,
        10'000,
        20'000,
        40'000,
        80'000,
        160'000,
        320'000,
        640'000,
        1'280'000,
        2'560'000,
        3'600'000,
        3'600'000};
    EXPECT_EQ(first_waits(RetryStrategy{}, 14), expected);
    EXPECT_EQ(RetryStrategy{}.wait_after(1'000'000), Millis{3'600'000});
    EXPECT_EQ(RetryStrategy{}.wait_after(0), Millis{1000});
}

TEST(RetryStrategy, LinearAndExponentialStayWithinAnHour) {
    EXPECT_EQ(first_waits(strategy_of("linear"), 4), (std::vector<std::int64_t>{1000, 2000, 3000, 4000}));
    EXPECT_EQ(strategy_of("LINEAR").wait_after(5000), Millis{3'600'000});
    EXPECT_EQ(
        first_waits(strategy_of(" Exponential "), 5),
        (std::vector<std::int64_t>{1000, 2000, 4000, 8000, 16'000}));
    EXPECT_EQ(strategy_of("exponential").wait_after(13), Millis{3'600'000});
}

TEST(RetryStrategy, AListHasFractionsAndItsLastDelayGoesOn) {
    const std::vector<std::int64_t> expected{500, 1, 2250, 2250, 2250};
    EXPECT_EQ(first_waits(strategy_of("[0.5, 0, 2.25]"), 5), expected);
    EXPECT_EQ(first_waits(strategy_of("0.5,0,2.25"), 5), expected);
    EXPECT_EQ(strategy_of("[7]").text(), "[7]");
}

TEST(RetryStrategy, IsReadBackFromItsText) {
    for (const auto* text : {"", "linear", "exponential", "[0.1,3,86400]"}) {
        EXPECT_EQ(strategy_of(text).text(), text);
        EXPECT_EQ(strategy_of(strategy_of(text).text()), strategy_of(text));
    }
}

TEST(RetryStrategy, RefusesWhatIsNoSchedule) {
    std::string too_many = "[1";
    for (int i = 0; i < 100; ++i) too_many += ",1";
    too_many += "]";
    for (const std::string text :
         {"fibonacci",
          "[]",
          "[-1]",
          "[86401]",
          "[1,]",
          "[1 2]",
          "[1",
          "[\"1\"]",
          "[nan]",
          "[1e999]",
          "1;2",
          too_many.c_str()}) {
        const auto strategy = RetryStrategy::parse(text);
        ASSERT_FALSE(strategy) << text;
        EXPECT_EQ(strategy.error().code, "INVALID_RETRY_STRATEGY");
    }
}

TEST(RetryStrategy, IsAStringOrAnArrayInJson) {
    EXPECT_EQ(codec::from_json<RetryStrategy>("\"linear\"").value(), RetryStrategy::linear());
    EXPECT_EQ(codec::from_json<RetryStrategy>("[1, 2.5]").value(), strategy_of("1,2.5"));
    EXPECT_FALSE(codec::from_json<RetryStrategy>("5"));
    EXPECT_FALSE(codec::from_json<RetryStrategy>("[[1]]"));
    EXPECT_EQ(codec::to_json(RetryStrategy::exponential()), "\"exponential\"");
    EXPECT_EQ(codec::to_json(strategy_of("1,2.5")), "[1,2.5]");
}

TEST(Retry, MaxRetriesIsTheTotalOfAttempts) {
    const RetryPolicy policy{.strategy = {}, .attempts_max = 3, .age_max = Millis{86'400'000}};
    EXPECT_EQ(decide_retry(policy, {.attempts = 1}).kind, Kind::retry);
    EXPECT_EQ(decide_retry(policy, {.attempts = 2}).kind, Kind::retry);
    EXPECT_EQ(decide_retry(policy, {.attempts = 3}).kind, Kind::exhausted);
    EXPECT_EQ(decide_retry({}, {.attempts = 1000}).kind, Kind::retry) << "without it only age ends the job";
}

TEST(Retry, JitterOnlyAddsAndAtMostATenth) {
    std::mt19937_64 random(3);
    Millis least = Millis::max();
    Millis most{};
    for (int i = 0; i < 2000; ++i) {
        const auto decision = decide_retry({}, {.attempts = 4, .random = random()});
        least = std::min(least, decision.wait);
        most = std::max(most, decision.wait);
    }
    EXPECT_GE(least, Millis{10'000});
    EXPECT_LT(least, Millis{10'020});
    EXPECT_LE(most, Millis{11'000});
    EXPECT_GT(most, Millis{10'980});
}

TEST(Retry, RetryAfterOnlyLengthensAndIsBounded) {
    EXPECT_EQ(decide_retry({}, {.attempts = 3, .retry_after = Millis{60'000}}).wait, Millis{60'000});
    EXPECT_EQ(decide_retry({}, {.attempts = 3, .retry_after = Millis{1}}).wait, Millis{5000});
    EXPECT_EQ(decide_retry({}, {.attempts = 1, .retry_after = Millis{999'999'999}}).wait, retry_after_max);
}

TEST(Retry, ExpiresByAgeAndNoWaitOutlastsIt) {
    const RetryPolicy policy{.strategy = {}, .attempts_max = {}, .age_max = Millis{10'000}};
    EXPECT_FALSE(is_expired(policy, Millis{9999}));
    EXPECT_TRUE(is_expired(policy, Millis{10'000}));
    EXPECT_EQ(decide_retry(policy, {.attempts = 3, .age = Millis{10'000}}).kind, Kind::expired);
    const auto last = decide_retry(policy, {.attempts = 3, .age = Millis{8000}});
    EXPECT_EQ(last.kind, Kind::retry);
    EXPECT_EQ(last.wait, Millis{2000});
}

TEST(RetryAfter, IsSecondsOrADate) {
    const auto wall = from_rfc3339("1994-11-06T08:49:07Z").value();
    EXPECT_EQ(parse_retry_after("120", wall), Millis{120'000});
    EXPECT_EQ(parse_retry_after(" 0 ", wall), Millis{0});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", wall), Millis{30'000});
    EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", wall), Millis{30'000});
    EXPECT_EQ(parse_retry_after("Sun Nov  6 08:49:37 1994", wall), Millis{30'000});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", wall), Millis{0});
}

TEST(RetryAfter, IsBoundedAndIgnoredWhenMalformed) {
    const auto wall = from_rfc3339("1994-11-06T08:49:07Z").value();
    EXPECT_EQ(parse_retry_after("99999999999999999999", wall), retry_after_max);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1999 08:49:37 GMT", wall), retry_after_max);
    for (const auto* value :
         {"",
          "-5",
          "1.5",
          "soon",
          "Sun, 06 Nov 1994 08:49:37",
          "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 06 Foo 1994 08:49:37 GMT",
          "Sunday, 06-Nov-94"}) {
        EXPECT_FALSE(parse_retry_after(value, wall)) << value;
    }
}

}  // namespace
}  // namespace fc::messaging
