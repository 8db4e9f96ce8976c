#include "scheduler/scheduler_fixture_test.h"

namespace fc::scheduler {
namespace {

using messaging::LiveJob;

/// What the scheduler says of the jobs in its memory.
struct SchedulerLiveTest : SchedulerTest {
    std::vector<Tsid> live_jobs(JobStatus status, store::JobQuery query = {}) {
        query.statuses = {status};
        return scheduler().live_jobs(query);
    }
};

TEST_F(SchedulerLiveTest, AQueuedJobSaysWhatItWaitsFor) {
    const auto owner = subscribe("order");
    parts->router.limit_lane(owner.value, {.concurrency = 1});
    target.hold();
    const auto first = publish(1, "");
    until_bodies("1 ");
    const auto second = publish(2, "");
    const auto sent = scheduler().live(first);
    EXPECT_EQ(sent.place, LiveJob::Place::in_flight);
    EXPECT_TRUE(sent.since && *sent.since <= clock.now());
    const auto queued = scheduler().live(second);
    EXPECT_EQ(queued.place, LiveJob::Place::queued);
    EXPECT_EQ(queued.cause, LiveJob::Cause::subscription_concurrency);
    target.let_go();
    until_bodies("1 2 ");
}

TEST_F(SchedulerLiveTest, JobsInMemoryAreListedByStatusAndFilter) {
    const auto owner = subscribe("order");
    parts->router.limit_lane(owner.value, {.concurrency = 1});
    target.hold();
    const auto sent = publish(1, "");
    until_bodies("1 ");  // nothing orders jobs without a group
    const auto second = publish(2, "");
    const auto third = publish(3);
    EXPECT_EQ(live_jobs(JobStatus::in_progress), (std::vector{sent}));
    EXPECT_EQ(live_jobs(JobStatus::queued), (std::vector{second, third})) << "oldest first";
    store::JobQuery query;
    query.message_group = "g";
    EXPECT_EQ(live_jobs(JobStatus::queued, query), (std::vector{third}));
    query = {};
    query.owners = {owner};
    EXPECT_EQ(live_jobs(JobStatus::queued, query).size(), 2U);
    query.owners = {Tsid{1}};
    EXPECT_EQ(live_jobs(JobStatus::queued, query).size(), 0U);
    query = {};
    query.client_ids = {Tsid{1}};
    EXPECT_EQ(live_jobs(JobStatus::queued, query).size(), 0U);
    target.let_go();
    until_bodies("1 2 3 ");
}

TEST_F(SchedulerLiveTest, WhatWaitsForItsTimeIsTheStoresWhenItIsLong) {
    subscribe("order");
    target.answer(503);
    const auto soon = publish(1);
    wait_until([&] { return job(soon).attempts == 1; });
    EXPECT_EQ(scheduler().live(soon).place, LiveJob::Place::waiting);
    until_bodies("1 1 ");
    target.answer(429, "", {{"Retry-After", "3600"}});
    const auto late = publish(2);
    wait_until([&] { return job(late).attempts == 1; });
    settle_down();
    EXPECT_EQ(scheduler().live(late).place, LiveJob::Place::store);
}

TEST_F(SchedulerLiveTest, ARetryReadmitsTheHeadInItsOwnPool) {
    const auto owner = subscribe("order");
    target.answer(400);
    const auto head = add_job(1, owner, add_pool("own"));
    until_status(head, JobStatus::error);
    target.answer(400);
    const auto dead = publish(2);
    until_status(dead, JobStatus::error);
    target.answer(503);
    ASSERT_TRUE(run(scheduler().retry(head, {})));
    wait_until([&] { return job(head).attempts == 2; });
    ASSERT_TRUE(run(scheduler().retry(dead, {}))) << "it stands behind the head, which stays where it is";
    clock.advance(Millis{20});
    until_bodies("1 2 1 1 2 ");
}

}  // namespace
}  // namespace fc::scheduler
