#include "scheduler/lane_book.h"

#include <gtest/gtest.h>

#include <algorithm>

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
    found.reserve(jobs.size());
    for (const auto& each : jobs) found.push_back(each->job.id.value);
    return found;
}

store::ReadyJob job_of_bytes(std::uint64_t id, std::size_t bytes) {
    auto made = job(id);
    auto event = std::make_shared<store::EventRecord>();
    event->data.assign(bytes, 'x');
    made.event = std::move(event);
    return made;
}

/// The record as the scheduler passes it when an outcome asks for a wait.
store::JobRecord waiting_until(std::uint64_t id, TimePoint until) {
    return job(id, until).job;
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

TEST(LaneBook, JobStaysOutUntilTheLastOfTwoRequestsEnds) {
    LaneBook book;
    book.ready(job(1), start);
    EXPECT_TRUE(book.exclude(Tsid{1}));
    EXPECT_TRUE(book.exclude(Tsid{1}));
    book.readmit(Tsid{1}, lane);
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

TEST(LaneBook, MemoryIsBoundedInBytes) {
    LaneBook book({.bytes = 5'000, .lane_minimum = 1});
    std::uint64_t kept = 0;
    while (book.ready(job_of_bytes(kept + 1, 1'000), start) != nullptr) ++kept;
    EXPECT_LT(book.bytes(), 5'000U + 2'000U) << "at most one job above the limit";
    EXPECT_GE(kept, 2U);
    ASSERT_TRUE(book.start(Tsid{1}));
    book.end(Tsid{1});
    EXPECT_TRUE(book.next_refill(start));
}

TEST(LaneBook, RefillAsksForWhatFits) {
    LaneBook book(four);
    book.recover({lane});
    EXPECT_EQ(book.next_refill(start)->limit, 4U);

    LaneBook large({.jobs_per_lane = 10'000});
    large.recover({lane});
    EXPECT_EQ(large.next_refill(start)->limit, 500U);

    LaneBook nearly_full({.jobs_per_lane = 10, .jobs = 12, .lane_minimum = 2});
    for (std::uint64_t id = 1; id <= 10; ++id) nearly_full.ready(job(id), start);
    const store::LaneKey other{Tsid{8}, Tsid{}};
    nearly_full.recover({other});
    EXPECT_EQ(nearly_full.next_refill(start)->limit, 2U);
}

TEST(LaneBook, WhatARefillFoundTooMuchIsReadAgainBehindTheLastThatFit) {
    LaneBook book({.jobs_per_lane = 4, .jobs = 4, .lane_minimum = 1});
    book.recover({lane});
    const auto refill = book.next_refill(start);
    auto other = job(90);
    other.job.owner = Tsid{8};
    book.ready(std::move(other), start);  // takes a place while the refill is on its way
    EXPECT_EQ(ids(book.refilled(*refill, due(1, 4), start)), (Ids{1, 2, 3}));
    for (std::uint64_t id = 1; id <= 3; ++id) {
        ASSERT_TRUE(book.start(Tsid{id}));
        book.end(Tsid{id});
    }
    const auto next = book.next_refill(start);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->cursor.id, 3U);
}

TEST(LaneBook, RefillTellsWhenTheStoreHasMoreToDo) {
    LaneBook book;
    book.recover({lane});
    const auto refill = book.next_refill(start);
    auto found = due(1, 1);
    found.next_due = start + Millis{90'000};
    EXPECT_EQ(ids(book.refilled(*refill, std::move(found), start)), Ids{1});
    EXPECT_EQ(book.next_wake(), start + Millis{90'000});
    EXPECT_FALSE(book.next_refill(start + Millis{89'999}));
    EXPECT_TRUE(book.next_refill(start + Millis{90'000}));
}

TEST(LaneBook, OutcomeThatWaitsIsHandedOverAgainInTime) {
    LaneBook book;
    book.ready(job(1), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    EXPECT_EQ(book.state(Tsid{1}), LaneBook::State::in_flight);
    auto record = waiting_until(1, start + Millis{700});
    record.attempts = 1;
    book.wait(record, start);
    EXPECT_EQ(book.state(Tsid{1}), LaneBook::State::waiting);
    EXPECT_FALSE(book.start(Tsid{1}));
    EXPECT_TRUE(book.take_due(start + Millis{699}).empty());
    const auto again = book.take_due(start + Millis{700});
    ASSERT_EQ(ids(again), Ids{1});
    EXPECT_EQ(again[0]->job.attempts, 1) << "the delivery sees the stored record";
    EXPECT_TRUE(book.take_due(start + Millis{700}).empty()) << "once";
    EXPECT_TRUE(book.start(Tsid{1}));
}

TEST(LaneBook, OutcomeThatWaitsLongIsForgottenAndReadWhenItIsDue) {
    LaneBook book;
    book.ready(job(1), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    book.wait(waiting_until(1, start + Millis{3'600'000}), start);
    EXPECT_EQ(book.size(), 0U);
    EXPECT_EQ(book.bytes(), 0U);
    EXPECT_EQ(book.next_wake(), start + Millis{3'600'000});
    EXPECT_TRUE(book.next_refill(start + Millis{3'600'000}));
}

TEST(LaneBook, WaitingJobThatAnOperatorSendsAgainIsHandedOverAtOnce) {
    LaneBook book;
    book.ready(job(1, start + Millis{5'000}), start);
    EXPECT_NE(book.ready(job(1), start + Millis{10}), nullptr);
    EXPECT_EQ(book.size(), 1U);
    EXPECT_TRUE(book.take_due(start + Millis{5'000}).empty()) << "not a second time when the old wait ends";
}

TEST(LaneBook, BlockedJobMayStartAgain) {
    LaneBook book;
    book.ready(job(1), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    book.put_back(Tsid{1});
    EXPECT_EQ(book.state(Tsid{1}), LaneBook::State::handed_over);
    EXPECT_TRUE(book.start(Tsid{1}));
}

TEST(LaneBook, HeldLaneForgetsItsWaitsAndDoesNotAskTheStore) {
    LaneBook book;
    book.ready(job(1, start + Millis{500}), start);
    book.ready(job(2, start + Millis{90'000}), start);
    book.ready(job(3), start);
    ASSERT_TRUE(book.start(Tsid{3}));
    book.hold(lane);
    book.wait(waiting_until(3, start + Millis{500}), start);
    EXPECT_EQ(book.size(), 0U);
    EXPECT_TRUE(book.take_due(start + Millis{500}).empty());
    book.recover({lane});
    EXPECT_FALSE(book.next_refill(start + Millis{90'000}));
    book.release(lane);
    EXPECT_TRUE(book.next_refill(start + Millis{90'000}));
}

TEST(LaneBook, RefillThatComesBackToAHeldLaneIsDropped) {
    LaneBook book;
    book.recover({lane});
    const auto refill = book.next_refill(start);
    book.hold(lane);
    EXPECT_TRUE(book.refilled(*refill, due(1, 3), start).empty());
    EXPECT_EQ(book.size(), 0U);
    book.release(lane);
    EXPECT_EQ(book.next_refill(start)->cursor.id, 0U);
}

TEST(LaneBook, RefillOnItsWayDoesNotMoveTheCursorOfARestartedLane) {
    LaneBook book;
    book.recover({lane});
    const auto refill = book.next_refill(start);
    book.hold(lane);
    book.release(lane);
    EXPECT_FALSE(book.next_refill(start)) << "one at a time";
    EXPECT_EQ(ids(book.refilled(*refill, due(5, 6), start)), (Ids{5, 6}));
    const auto again = book.next_refill(start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cursor.id, 0U);
}

TEST(LaneBook, ExcludedJobIsPassedOverByARefillAndFoundAgainAfterwards) {
    LaneBook book;
    book.recover({lane});
    const auto refill = book.next_refill(start);
    EXPECT_TRUE(book.exclude(Tsid{2})) << "it need not be in memory";
    EXPECT_EQ(ids(book.refilled(*refill, due(1, 3), start)), (Ids{1, 3}));
    book.readmit(Tsid{2}, lane);
    const auto again = book.next_refill(start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cursor.id, 0U);
    EXPECT_EQ(ids(book.refilled(*again, due(1, 3), start)), Ids{2});
}

TEST(LaneBook, RecoveryReadsFromTheStartAndHandsNothingOverTwice) {
    LaneBook book;
    book.recover({lane});
    book.refilled(*book.next_refill(start), due(1, 3), start);
    ASSERT_TRUE(book.start(Tsid{1}));
    EXPECT_FALSE(book.next_refill(start));
    book.recover({lane});
    const auto again = book.next_refill(start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cursor.id, 0U);
    EXPECT_EQ(ids(book.refilled(*again, due(1, 4), start)), Ids{4});
}

TEST(LaneBook, LanesOfAnOwnerAreItsPools) {
    LaneBook book;
    book.ready(job(1), start);
    auto own_pool = job(2);
    own_pool.job.pool_id = Tsid{3};
    book.ready(std::move(own_pool), start);
    auto other = job(3);
    other.job.owner = Tsid{8};
    book.ready(std::move(other), start);
    EXPECT_EQ(book.lanes().size(), 3U);
    auto found = book.lanes_of(lane.owner);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (std::vector<store::LaneKey>{lane, {lane.owner, Tsid{3}}}));
}

TEST(LaneBook, LaneInWhichARefillFoundNothingIsForgotten) {
    LaneBook book;
    book.release(lane);
    const auto refill = book.next_refill(start);
    ASSERT_TRUE(refill);
    EXPECT_EQ(book.lanes_of(lane.owner), std::vector{lane});
    book.refilled(*refill, {}, start);
    EXPECT_TRUE(book.lanes().empty())
        << "else each subscription there ever was costs every change of another";
}

}  // namespace fc::scheduler
