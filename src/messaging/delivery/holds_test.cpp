#include "messaging/delivery/holds.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace fc::messaging {
namespace {

TimePoint at(std::int64_t millis) {
    return from_unix_millis(millis);
}

TEST(Holds, AgeWithoutHoldsIsTheTimeSinceReady) {
    EXPECT_EQ(unheld_age(at(100), at(350), {}, {}), Millis{250});
    EXPECT_EQ(unheld_age(at(100), at(100), {}, {}), Millis{0});
    EXPECT_EQ(unheld_age(at(100), at(50), {}, {}), Millis{0});
}

TEST(Holds, OverlapsOfBothListsCountOnce) {
    const std::vector<Hold> pauses{{at(600), at(700)}, {at(200), at(400)}};
    const std::vector<Hold> suspensions{{at(300), at(500)}, {at(650), at(660)}};
    EXPECT_EQ(unheld_age(at(100), at(1000), pauses, suspensions), Millis{900 - 300 - 100});
}

TEST(Holds, OnlyWhatLiesBetweenReadyAndNowCounts) {
    const std::vector<Hold> holds{
        {at(0), at(50)}, {at(80), at(120)}, {at(990), at(2000)}, {at(1500), at(1600)}};
    EXPECT_EQ(unheld_age(at(100), at(1000), holds, {}), Millis{900 - 20 - 10});
}

TEST(Holds, AnOpenHoldStopsTheAge) {
    const std::vector<Hold> holds{{at(400), std::nullopt}};
    EXPECT_EQ(unheld_age(at(100), at(1000), holds, {}), Millis{300});
    EXPECT_EQ(unheld_age(at(100), at(9000), {}, holds), Millis{300});
    EXPECT_EQ(unheld_age(at(500), at(9000), {}, holds), Millis{0});
}

TEST(Holds, BeginAndEndAreIdempotent) {
    std::vector<Hold> holds;
    end_hold(holds, at(1));
    EXPECT_TRUE(holds.empty());
    begin_hold(holds, at(2));
    begin_hold(holds, at(3));
    end_hold(holds, at(5));
    end_hold(holds, at(7));
    ASSERT_EQ(holds.size(), 1U);
    EXPECT_EQ(holds[0].from, at(2));
    EXPECT_EQ(holds[0].to, at(5));
}

TEST(Holds, TheTwoOldestBecomeOneWhenThereAreTooMany) {
    std::vector<Hold> holds;
    for (int i = 0; i <= 100; ++i) {
        begin_hold(holds, at(i * 10));
        end_hold(holds, at(i * 10 + 1));
    }
    ASSERT_EQ(holds.size(), holds_max);
    EXPECT_EQ(holds[0].from, at(0));
    EXPECT_EQ(holds[0].to, at(11));
    EXPECT_EQ(holds[1].from, at(20));
}

TEST(Holds, AgreesWithCountingEachMillisecond) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<Hold> lists[2];
        for (auto& list : lists) {
            for (auto n = random() % 5; n > 0; --n) {
                const auto from = static_cast<std::int64_t>(random() % 60);
                Hold hold{at(from), at(from + static_cast<std::int64_t>(random() % 20))};
                if (random() % 6 == 0) hold.to.reset();
                list.push_back(hold);
            }
        }
        const auto ready = static_cast<std::int64_t>(random() % 40);
        const auto now = static_cast<std::int64_t>(random() % 60);
        std::int64_t expected = 0;
        for (auto t = ready; t < now; ++t) {
            bool is_held = false;
            for (const auto& list : lists) {
                for (const auto& hold : list) is_held |= hold.from <= at(t) && (!hold.to || at(t) < *hold.to);
            }
            expected += is_held ? 0 : 1;
        }
        ASSERT_EQ(unheld_age(at(ready), at(now), lists[0], lists[1]), Millis{expected}) << "round " << round;
    }
}

}  // namespace
}  // namespace fc::messaging
