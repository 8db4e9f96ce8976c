#include "bench/checker.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

Mark mark(std::uint64_t number, std::uint32_t group = no_group) {
    return Mark{.number = number, .group = group, .intended = Nanos{number * 1'000}};
}

TEST(Checker, AcceptedAndNotArrivedIsMissing) {
    Checker checker;
    checker.accept(checker.send(3), 3);
    checker.arrive(mark(0), Nanos{5});
    checker.arrive(mark(2), Nanos{5});
    EXPECT_EQ(checker.missing(), 1U);
    EXPECT_EQ(checker.outstanding(), 1U);
    EXPECT_EQ(checker.totals().delivered, 2U);
}

TEST(Checker, ArrivalBeforeTheAnswerIsNotMissing) {
    Checker checker;
    const auto first = checker.send(1);
    checker.arrive(mark(0), Nanos{5});
    checker.accept(first, 1);
    EXPECT_EQ(checker.missing(), 0U);
    EXPECT_EQ(checker.outstanding(), 0U);
}

TEST(Checker, SecondArrivalIsADuplicateAndNoOrderFault) {
    Checker checker{1};
    checker.accept(checker.send(2), 2);
    for (const auto number : {0, 1, 0}) checker.arrive(mark(number, 1), Nanos{5});
    EXPECT_EQ(checker.totals().duplicated, 1U);
    EXPECT_EQ(checker.totals().delivered, 2U);
    EXPECT_EQ(checker.totals().out_of_order, 0U);
}

TEST(Checker, EachCopyArrivesOnceAndInAnOrderOfItsOwn) {
    Checker checker{1, 3};
    checker.accept(checker.send(2), 2);
    EXPECT_EQ(checker.outstanding(), 6U);
    for (const auto copy : {0U, 2U}) {
        checker.arrive(mark(0, 1), Nanos{5}, copy);
        checker.arrive(mark(1, 1), Nanos{5}, copy);
    }
    checker.arrive(mark(1, 1), Nanos{5}, 1);
    EXPECT_EQ(checker.missing(), 1U);
    EXPECT_EQ(checker.totals().out_of_order, 0U);
    checker.arrive(mark(0, 1), Nanos{5}, 1);
    checker.arrive(mark(0, 1), Nanos{5}, 1);
    EXPECT_EQ(checker.missing(), 0U);
    EXPECT_EQ(checker.totals().delivered, 6U);
    EXPECT_EQ(checker.totals().out_of_order, 1U);
    EXPECT_EQ(checker.totals().duplicated, 1U);
}

TEST(Checker, OrderIsPerGroup) {
    Checker checker{2};
    checker.accept(checker.send(4), 4);
    checker.arrive(mark(2, 2), Nanos{5});
    checker.arrive(mark(0, 1), Nanos{5});
    checker.arrive(mark(3, 1), Nanos{5});
    EXPECT_EQ(checker.totals().out_of_order, 0U);
    checker.arrive(mark(1, 2), Nanos{5});
    EXPECT_EQ(checker.totals().out_of_order, 1U);
}

TEST(Checker, FirstEventOfARunMayBeLate) {
    Checker checker{1};
    checker.accept(checker.send(2), 2);
    checker.arrive(mark(1, 1), Nanos{5});
    checker.arrive(mark(0, 1), Nanos{5});
    EXPECT_EQ(checker.totals().out_of_order, 1U);
}

TEST(Checker, UngroupedEventsHaveNoOrder) {
    Checker checker{1};
    checker.accept(checker.send(2), 2);
    checker.arrive(mark(1), Nanos{5});
    checker.arrive(mark(0), Nanos{5});
    EXPECT_EQ(checker.totals().out_of_order, 0U);
}

TEST(Checker, RefusedAndUnansweredEventsAreNotLost) {
    Checker checker;
    checker.refuse(checker.send(2), 2);
    checker.leave_unanswered(checker.send(1), 1);
    EXPECT_EQ(checker.missing(), 0U);
    EXPECT_EQ(checker.outstanding(), 0U);
    checker.arrive(mark(2), Nanos{5});
    EXPECT_EQ(checker.totals().unexpected, 0U);
    EXPECT_EQ(checker.outstanding(), 0U);
}

TEST(Checker, ArrivalOfARefusedOrUnknownEventIsUnexpected) {
    Checker checker;
    const auto first = checker.send(2);
    checker.arrive(mark(1), Nanos{5});
    checker.refuse(first, 2);
    checker.arrive(mark(0), Nanos{5});
    checker.arrive(mark(17), Nanos{5});
    EXPECT_EQ(checker.totals().unexpected, 3U);
    EXPECT_EQ(checker.outstanding(), 0U);
}

TEST(Checker, LatencyCountsFromTheIntendedTimeAndWithoutWarmUp) {
    Checker checker;
    checker.measure_from(Nanos{1'000});
    checker.accept(checker.send(2), 2);
    checker.arrive(mark(0), Nanos{9'000'000});
    checker.arrive(mark(1), Nanos{51'000});
    EXPECT_EQ(checker.latencies().count(), 1U);
    EXPECT_EQ(checker.latencies().max(), Nanos{50'000});
}

}  // namespace
}  // namespace fc::bench
