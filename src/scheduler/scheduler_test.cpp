#include "scheduler/scheduler.h"

#include "scheduler/scheduler_fixture_test.h"

namespace fc::scheduler {
namespace {

TEST_F(SchedulerTest, AnEventIsDeliveredAndItsJobCompleted) {
    subscribe("order");
    const auto id = publish(1);
    until_bodies("1 ");
    until_status(id, JobStatus::completed);
    EXPECT_EQ(target.requests[0].header("X-FlowCatalyst-ID"), id.to_string());
    EXPECT_EQ(job(id).attempts, 1);
    EXPECT_EQ(scheduler().in_memory(), 0U);
}

TEST_F(SchedulerTest, TheNextHeadFollowsTheOutcomeOfTheOneBefore) {
    subscribe("order");
    target.hold();
    for (int n = 1; n <= 3; ++n) publish(n);
    until_bodies("1 ");
    settle_down();
    EXPECT_EQ(target.bodies(), "1 ");
    target.let_go();
    until_bodies("1 2 3 ");
}

TEST_F(SchedulerTest, AFailedAttemptHoldsItsGroupUntilTheWaitIsOver) {
    subscribe("order");
    target.answer(503);
    const auto first = publish(1);
    publish(2);
    wait_until([&] { return job(first).attempts == 1; });
    EXPECT_GE(job(first).next_attempt_at - job(first).updated_at, Millis{9}) << "stored a moment later";
    until_bodies("1 1 2 ");
    EXPECT_EQ(target.requests[1].header("X-FlowCatalyst-Attempt"), "2");
}

TEST_F(SchedulerTest, ADeadJobThatIsRetriedGoesFirst) {
    subscribe("order");
    target.answer(400);
    const auto dead = publish(1);
    until_status(dead, JobStatus::error);
    target.hold();
    publish(2);
    publish(3);
    until_bodies("1 2 ");
    ASSERT_TRUE(run(scheduler().retry(dead, {})));
    settle_down();
    EXPECT_EQ(target.bodies(), "1 2 ") << "the head in flight ends first";
    target.let_go();
    until_bodies("1 2 1 3 ");
}

TEST_F(SchedulerTest, ARetryTakesTheHeadBackThatHasNotStarted) {
    subscribe("order");
    target.answer(400);
    const auto dead = publish(1);
    until_status(dead, JobStatus::error);
    target.answer(503);
    const auto head = publish(2);
    wait_until([&] { return job(head).attempts == 1; });
    ASSERT_TRUE(run(scheduler().retry(dead, {})));
    until_bodies("1 2 1 ");
    clock.advance(Millis{20});
    until_bodies("1 2 1 2 ");
}

TEST_F(SchedulerTest, AWaitingJobThatIsRetriedIsSentAtOnce) {
    subscribe("order");
    target.answer(429, "", {{"Retry-After", "3600"}});
    const auto id = publish(1);
    wait_until([&] { return job(id).attempts == 1; });
    ASSERT_TRUE(run(scheduler().retry(id, {})));
    until_bodies("1 1 ");
    until_status(id, JobStatus::completed);
}

TEST_F(SchedulerTest, ACancelledOneIsLeftOut) {
    subscribe("order");
    target.hold();
    publish(1);
    const auto second = publish(2);
    publish(3);
    until_bodies("1 ");
    EXPECT_EQ(run(scheduler().cancel(second, "not wanted")).value().status, JobStatus::cancelled);
    EXPECT_EQ(run(scheduler().cancel(second, "again")).error().code, "JOB_ALREADY_ENDED");
    target.let_go();
    until_bodies("1 3 ");
}

TEST_F(SchedulerTest, ACancelledHeadOpensTheNext) {
    subscribe("order");
    target.answer(503);
    const auto head = publish(1);
    publish(2);
    wait_until([&] { return job(head).attempts == 1; });
    ASSERT_TRUE(run(scheduler().cancel(head, "not wanted")));
    until_bodies("1 2 ");
}

TEST_F(SchedulerTest, NothingIsDoneToAJobInFlight) {
    subscribe("order");
    target.hold();
    const auto id = publish(1);
    until_bodies("1 ");
    EXPECT_EQ(scheduler().live_status(id), JobStatus::in_progress);
    EXPECT_EQ(run(scheduler().retry(id, {})).error().code, "JOB_IN_PROGRESS");
    EXPECT_EQ(run(scheduler().cancel(id, "")).error().code, "JOB_IN_PROGRESS");
    EXPECT_EQ(run(scheduler().retry(Tsid{1}, {})).error().code, "JOB_NOT_FOUND");
    EXPECT_EQ(run(scheduler().cancel(Tsid{1}, "")).error().code, "JOB_NOT_FOUND");
    target.let_go();
    until_status(id, JobStatus::completed);
}

TEST_F(SchedulerTest, APausedSubscriptionHoldsAndResumesInOrder) {
    const auto id = subscribe("order");
    change_subscription(id, [](Subscription& one, TimePoint now) { return messaging::pause(one, now, ""); });
    for (int n = 1; n <= 3; ++n) publish(n);
    settle_down();
    EXPECT_TRUE(target.requests.empty());
    change_subscription(id, messaging::resume);
    until_bodies("1 2 3 ");
}

TEST_F(SchedulerTest, APauseTakesBackWhatHasNotStarted) {
    const auto id = subscribe("order");
    target.hold();
    publish(1);
    publish(2);
    until_bodies("1 ");
    change_subscription(id, [](Subscription& one, TimePoint now) { return messaging::pause(one, now, ""); });
    target.let_go();
    wait_until([&] { return scheduler().in_memory() == 0; });
    settle_down();
    EXPECT_EQ(target.bodies(), "1 ") << "the outcome of the one in flight opens the next, which is held";
    change_subscription(id, messaging::resume);
    until_bodies("1 2 ");
}

TEST_F(SchedulerTest, ASuspendedPoolHoldsAndReleases) {
    subscribe("order");
    suspend_default(true);
    publish(1);
    publish(2);
    settle_down();
    EXPECT_TRUE(target.requests.empty());
    suspend_default(false);
    until_bodies("1 2 ");
}

TEST_F(SchedulerTest, ATargetThatIsGonePausesItsSubscription) {
    const auto id = subscribe("order");
    target.answer(410);
    const auto first = publish(1);
    publish(2);
    wait_until([&] {
        return parts->catalog.find_subscription(id)->status == messaging::SubscriptionStatus::paused;
    });
    EXPECT_EQ(parts->catalog.find_subscription(id)->paused_reason, "the target answered 410 Gone");
    settle_down();
    EXPECT_EQ(job(first).status, JobStatus::pending);
    change_subscription(id, messaging::resume);
    until_bodies("1 1 2 ");
}

TEST_F(SchedulerTest, AStartDeliversWhatTheLastOneLeft) {
    const auto id = subscribe("order");
    change_subscription(id, [](Subscription& one, TimePoint now) { return messaging::pause(one, now, ""); });
    for (int n = 1; n <= 3; ++n) publish(n);
    run(parts->stop());
    change_subscription(id, messaging::resume);
    restart();
    recover();
    until_bodies("1 2 3 ");
}

TEST_F(SchedulerTest, JobsOfADeletedSubscriptionAreCancelledAtRecovery) {
    const auto id = subscribe("order");
    change_subscription(id, [](Subscription& one, TimePoint now) { return messaging::pause(one, now, ""); });
    const auto first = publish(1);
    const auto second = publish(2);
    const auto accept = [](const Subscription&, TimePoint) -> Result<void> { return {}; };
    run(parts->catalog.subscriptions().remove(id, accept)).value();
    recover();
    for (const auto job_id : {first, second}) until_status(job_id, JobStatus::cancelled);
    EXPECT_EQ(job(first).last_error, "the subscription was deleted");
    EXPECT_TRUE(target.requests.empty());
}

TEST_F(SchedulerTest, AnOutcomeThatCannotBeStoredIsTriedAgainAndNotSentTwice) {
    subscribe("order");
    parts->messages.failing_settles = 3;
    const auto first = publish(1);
    publish(2);
    until_bodies("1 2 ");
    EXPECT_EQ(parts->messages.failing_settles, 0);
    EXPECT_EQ(job(first).attempts, 1);
}

TEST_F(SchedulerTest, NothingNewIsSentWhileAnOutcomeWaitsForTheStore) {
    subscribe("order");
    auto& failing = parts->messages.failing_settles;
    failing = 1'000'000;
    const auto first = publish(1, "a");
    until_bodies("1 ");
    wait_until([&] { return failing < 1'000'000; });
    const auto second = publish(2, "b");
    const auto tried = failing;
    wait_until([&] { return failing < tried - 5; });
    EXPECT_EQ(target.bodies(), "1 ");
    failing = 0;
    until_bodies("1 2 ");
    until_status(first, JobStatus::completed);
    until_status(second, JobStatus::completed);
}

TEST_F(SchedulerTest, AStopDoesNotWaitForAStoreThatRefuses) {
    subscribe("order");
    auto& failing = parts->messages.failing_settles;
    failing = 1'000'000;
    const auto job_id = publish(1);
    wait_until([&] { return failing < 1'000'000; });
    const auto started = std::chrono::steady_clock::now();
    run(parts->stop());
    EXPECT_LT(std::chrono::steady_clock::now() - started, seconds{1});
    EXPECT_EQ(job(job_id).status, JobStatus::pending);
}

TEST_F(SchedulerTest, AStopWaitsForWhatIsInFlightAndStartsNothing) {
    subscribe("order");
    target.hold();
    const auto first = publish(1);
    const auto second = publish(2);
    until_bodies("1 ");
    bool stopped = false;
    boost::asio::co_spawn(io, parts->stop(), [&](const std::exception_ptr&) { stopped = true; });
    settle_down();
    EXPECT_FALSE(stopped);
    target.let_go();
    wait_until([&] { return stopped; });
    EXPECT_EQ(job(first).status, JobStatus::completed);
    EXPECT_EQ(job(second).status, JobStatus::pending);
    EXPECT_EQ(target.bodies(), "1 ");
}

}  // namespace
}  // namespace fc::scheduler
