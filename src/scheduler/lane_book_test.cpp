#include "scheduler/lane_book.h"

#include <gtest/gtest.h>

namespace fc::scheduler {
namespace {

const store::LaneKey lane{Tsid{7}, Tsid{}};
const TimePoint start = from_unix_millis(1'800'000'000'000);

store::ReadyJob job(std::uint64_t id, TimePoint due = start) {
    store::ReadyJob made;
    made.job.id = Tsid{id};
    made.job.owner = lane.owner;
    made.job.next_attempt_at = due;
    return made;
}

store::DueJobs due(std::uint64_t first, std::uint64_t last) {
    store::DueJobs found;
    for (auto id = first; id <= last; ++id) found.jobs.push_back(job(id));
    return found;
}

std::vector<std::uint64_t> ids(const std::vector<JobPtr>& jobs) {
    std::vector<std::uint64_t> found;
    for (const auto& each : jobs) found.push_back(each->job.id.value);
    return found;
}

using Ids = std::vector<std::uint64_t>;
constexpr LaneLimits four{.jobs_per_lane = 4, .jobs = 100, .lane_minimum = 1};

}  // namespace

TEST(LaneBook, ReadyJobIsHandedOverOnce) {
    LaneBook book;
    EXPECT_NE(book.ready(job(1), start), nullptr);
    EXPECT_EQ(book.ready(job(1), start), nullptr);
    EXPECT_TRUE(book.start(Tsid{1}));
    EXPECT_FALSE(book.start(Tsid{1}));
    book.end(Tsid{1});
    EXPECT_EQ(book.size(), 0U);
    EXPECT_EQ(book.bytes(), 0U);
}

TEST(LaneBook, WhatDoesNotFitIsReadAgainInOrderWhenThereIsRoom) {
    LaneBook book(four);
    for (std::uint64_t id = 1; id <= 6; ++id) EXPECT_EQ(book.ready(job(id), start) != nullptr, id <= 4);
    EXPECT_FALSE(book.next_refill(start)) << "no room yet";
    for (std::uint64_t id = 1; id <= 2; ++id) {
        ASSERT_TRUE(book.start(Tsid{id}));
        book.end(Tsid{id});
    }
    const auto refill = book.next_refill(start);
    ASSERT_TRUE(refill);
    EXPECT_EQ(refill->cursor.id, 0U);
    EXPECT_EQ(ids(book.refilled(*refill, due(3, 6), start)), (Ids{5, 6})) << "3 and 4 are in memory already";
}

TEST(LaneBook, TheNextRefillGoesOnBehindTheLast) {
    LaneBook book(four);
    book.recover({lane});
    const auto first = book.next_refill(start);
    auto found = due(1, 4);
    found.more = true;
    EXPECT_EQ(ids(book.refilled(*first, std::move(found), start)).size(), 4U);
    for (std::uint64_t id = 1; id <= 3; ++id) {
        ASSERT_TRUE(book.start(Tsid{id}));
        book.end(Tsid{id});
    }
    const auto second = book.next_refill(start);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->cursor.id, 4U);
    EXPECT_EQ(second->cursor.next_attempt_at, to_unix_millis(start));
}

TEST(LaneBook, WhatBecameReadyDuringARefillIsReadByTheNext) {
    LaneBook book(four);
    book.recover({lane});
    const auto refill = book.next_refill(start);
    EXPECT_EQ(book.ready(job(9), start), nullptr) << "older ones come first";
    EXPECT_TRUE(book.refilled(*refill, {}, start).empty());
    EXPECT_TRUE(book.next_refill(start));
}

TEST(LaneBook, ShortWaitsStayInMemoryAndLongOnesDoNot) {
    LaneBook book({.wait_in_memory = Millis{1'000}});
    EXPECT_EQ(book.ready(job(1, start + Millis{500}), start), nullptr);
    EXPECT_EQ(book.ready(job(2, start + Millis{5'000}), start), nullptr);
    EXPECT_EQ(book.size(), 1U);
    EXPECT_EQ(book.next_wake(), start + Millis{500});
    EXPECT_TRUE(book.take_due(start + Millis{499}).empty());
    EXPECT_EQ(ids(book.take_due(start + Millis{500})), Ids{1});
    EXPECT_FALSE(book.next_refill(start + Millis{4'999}));
    EXPECT_TRUE(book.next_refill(start + Millis{5'000})) << "the store is asked when the long wait is over";
}

TEST(LaneBook, HeldLaneGivesBackWhatHasNotStartedAndKeepsNothingNew) {
    LaneBook book;
    book.ready(job(1), start);
    book.ready(job(2), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    EXPECT_EQ(ids(book.hold(lane)), Ids{2});
    EXPECT_EQ(book.ready(job(3), start), nullptr);
    EXPECT_FALSE(book.start(Tsid{2}));
    book.release(lane);
    const auto refill = book.next_refill(start);
    ASSERT_TRUE(refill);
    EXPECT_EQ(ids(book.refilled(*refill, due(1, 3), start)), (Ids{2, 3})) << "1 is still in flight";
}

TEST(LaneBook, NewLaneAsksWhetherItIsHeld) {
    LaneBook book({}, [](store::LaneKey) { return true; });
    EXPECT_EQ(book.ready(job(1), start), nullptr);
    book.release(lane);
    EXPECT_TRUE(book.next_refill(start));
}

TEST(LaneBook, ExcludedJobStaysOutUntilItIsReadmitted) {
    LaneBook book;
    book.ready(job(1), start);
    EXPECT_TRUE(book.exclude(Tsid{1}));
    EXPECT_EQ(book.ready(job(1), start), nullptr);
    book.readmit(Tsid{1}, lane);
    const auto refill = book.next_refill(start);
    ASSERT_TRUE(refill);
    EXPECT_EQ(ids(book.refilled(*refill, due(1, 1), start)), Ids{1});
}

TEST(LaneBook, JobInFlightCannotBeExcluded) {
    LaneBook book;
    book.ready(job(1), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    EXPECT_FALSE(book.exclude(Tsid{1}));
}

TEST(LaneBook, FailedRefillIsAskedForAgain) {
    LaneBook book;
    book.recover({lane});
    const auto refill = book.next_refill(start);
    EXPECT_FALSE(book.next_refill(start));
    book.refill_failed(*refill);
    EXPECT_TRUE(book.next_refill(start));
}

TEST(LaneBook, FullMemoryStillLeavesEachLaneItsMinimum) {
    LaneBook book({.jobs_per_lane = 10, .jobs = 2, .lane_minimum = 1});
    EXPECT_NE(book.ready(job(1), start), nullptr);
    EXPECT_NE(book.ready(job(2), start), nullptr);
    EXPECT_EQ(book.ready(job(3), start), nullptr);
    auto other = job(4);
    other.job.owner = Tsid{8};
    EXPECT_NE(book.ready(std::move(other), start), nullptr);
}

}  // namespace fc::scheduler
