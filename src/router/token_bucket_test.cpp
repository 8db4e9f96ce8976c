#include "router/token_bucket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace fc::router {
namespace {

const TimePoint start = from_unix_millis(1'800'000'000'000);

std::vector<TimePoint> take_all(TokenBucket& bucket, TimePoint from, Millis length) {
    std::vector<TimePoint> taken;
    for (TimePoint now = from; now < from + length; now += Millis{1}) {
        while (taken.size() < 10'000'000 && bucket.take(now)) taken.push_back(now);
    }
    return taken;
}

std::size_t most_in_a_minute(const std::vector<TimePoint>& taken) {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < taken.size(); ++last) {
        while (taken[last] - taken[first] > Millis{60'000}) ++first;
        most = std::max(most, last - first + 1);
    }
    return most;
}

TEST(TokenBucket, StartsWithOneToken) {
    TokenBucket bucket{6'000, start};
    EXPECT_TRUE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start));
    EXPECT_EQ(bucket.next_token_at(start), start + Millis{10});
    EXPECT_FALSE(bucket.take(start + Millis{9}));
    EXPECT_TRUE(bucket.take(start + Millis{10}));
}

TEST(TokenBucket, GivesItsRateExactly) {
    for (const std::int64_t rate : {1, 7, 60, 90, 6'000, 120'000}) {
        TokenBucket bucket{rate, start};
        const auto taken = take_all(bucket, start, Millis{10 * 60'000});
        EXPECT_LE(taken.size(), static_cast<std::size_t>(10 * rate + 1)) << rate;
        EXPECT_GE(taken.size(), static_cast<std::size_t>(10 * rate - 1)) << rate;
    }
}

TEST(TokenBucket, SavesUpToOneSecondOfItsRate) {
    TokenBucket bucket{600, start};
    const TimePoint later = start + Millis{3'600'000};
    int burst = 0;
    while (bucket.take(later)) ++burst;
    EXPECT_EQ(burst, 10);
}

TEST(TokenBucket, SlowRateStillSavesOneToken) {
    TokenBucket bucket{6, start};
    ASSERT_TRUE(bucket.take(start));
    EXPECT_EQ(bucket.next_token_at(start), start + Millis{10'000});
    EXPECT_TRUE(bucket.take(start + Millis{10'000'000}));
    EXPECT_FALSE(bucket.take(start + Millis{10'000'000}));
}

TEST(TokenBucket, AnyMinuteHoldsAtMostRateAndBurst) {
    std::mt19937_64 random{7};
    for (int round = 0; round < 40; ++round) {
        const std::int64_t rate = 1 + static_cast<std::int64_t>(random() % 3'000);
        TokenBucket bucket{rate, start};
        std::vector<TimePoint> taken;
        TimePoint now = start;
        while (now < start + Millis{400'000}) {
            now += Millis{static_cast<std::int64_t>(random() % (random() % 5 == 0 ? 30'000 : 200))};
            for (std::uint64_t i = random() % 100; i != 0 && bucket.take(now); --i) taken.push_back(now);
        }
        const auto bound = static_cast<std::size_t>(rate + std::max<std::int64_t>(1, rate / 60));
        EXPECT_LE(most_in_a_minute(taken), bound) << "rate " << rate << " round " << round;
    }
}

TEST(TokenBucket, Defect29ChangeOfRateKeepsTheDebt) {
    TokenBucket bucket{60, start};
    ASSERT_TRUE(bucket.take(start));
    bucket.set_rate(60, start);
    EXPECT_FALSE(bucket.take(start));
    bucket.set_rate(6'000, start);
    EXPECT_FALSE(bucket.take(start));
    EXPECT_EQ(bucket.next_token_at(start), start + Millis{10});
    bucket.set_rate(60, start + Millis{5});
    EXPECT_EQ(bucket.next_token_at(start + Millis{5}), start + Millis{505});
}

TEST(TokenBucket, LoweredRateLosesWhatItMayNotSave) {
    TokenBucket bucket{6'000, start};
    const TimePoint later = start + Millis{60'000};
    bucket.set_rate(60, later);
    EXPECT_TRUE(bucket.take(later));
    EXPECT_FALSE(bucket.take(later));
}

TEST(TokenBucket, ZeroIsNoLimitAndWhatItSentIsOwed) {
    TokenBucket bucket{0, start};
    for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(bucket.take(start));
    EXPECT_EQ(bucket.next_token_at(start), start);
    bucket.set_rate(60, start);
    EXPECT_FALSE(bucket.take(start));
    EXPECT_EQ(bucket.next_token_at(start), start + Millis{1'000});
}

TEST(TokenBucket, ClockThatStepsBackAddsNothing) {
    TokenBucket bucket{60, start};
    ASSERT_TRUE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start - Millis{5'000}));
    EXPECT_FALSE(bucket.take(start + Millis{999}));
    EXPECT_TRUE(bucket.take(start + Millis{1'000}));
}

TEST(TokenBucket, ReturnedTokenCanBeTakenAgain) {
    TokenBucket bucket{60, start};
    ASSERT_TRUE(bucket.take(start));
    bucket.give_back();
    EXPECT_TRUE(bucket.take(start));
    bucket.give_back();
    bucket.give_back();
    EXPECT_TRUE(bucket.take(start));
    EXPECT_FALSE(bucket.take(start));
}

}  // namespace
}  // namespace fc::router
