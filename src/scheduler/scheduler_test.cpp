#include "scheduler/scheduler.h"

#include "http/recording_target.h"
#include "messaging/event/event.h"
#include "resource/api_fixture_test.h"
#include "router/router.h"
#include "scheduler/faulty_log_test.h"
#include "scheduler/memory_hand_over.h"

#include <limits>

namespace fc::scheduler {
namespace {

using messaging::DispatchPool;
using messaging::Subscription;
using store::JobStatus;

http::ClientSettings loopback() {
    http::ClientSettings settings;
    settings.egress.loopback_allowed = true;
    return settings;
}

/// What the product has in one process, besides the store and the target.
struct Parts {
    Parts(boost::asio::io_context& io, ManualClock& clock, TsidGenerator& ids, store::Store& store)
        : messages(store.messages()),
          catalog(store.documents(), clock, ids),
          client(io.get_executor(), loopback()),
          delivery({}, {&client, &catalog, &breakers, &clock, &ids}),
          scheduler(
              {},
              {io.get_executor(),
               &clock,
               &messages,
               &catalog,
               &delivery,
               [this](Tsid id, std::string reason) { return pause(id, std::move(reason)); },
               Millis{1}}),
          memory(scheduler),
          router({}, {io.get_executor(), &clock, memory.handler()}),
          running(io.get_executor(), "running") {
        memory.set_router(router);
        scheduler.hand_over_to(memory);
        catalog.on_pool([this](const messaging::PoolPtr& pool, bool) { put_pool(*pool); });
    }
    void put_pool(const DispatchPool& pool) {
        router::PoolConfig config;
        config.key = messaging::pool_key(pool);
        config.limits.queued_max = config.limits.lane_queued_max = std::numeric_limits<std::size_t>::max();
        config.suspended = pool.holds_jobs();
        router.put_pool(config).value();
    }
    Task<> pause(Tsid id, std::string reason) { (co_await catalog.pause(id, std::move(reason))).value(); }
    Task<> stop() {
        constexpr Millis deadline{2'000};
        co_await router.stop(deadline);
        co_await scheduler.stop(deadline);
        co_await running.drain(deadline);
        client.stop();
    }

    FaultyLog messages;
    messaging::Catalog catalog;
    http::Client client;
    http::BreakerRegistry breakers;
    messaging::Delivery delivery;
    Scheduler scheduler;
    MemoryHandOver memory;
    router::Router router;
    TaskGroup running;
};

struct SchedulerTest : resource::testing::ApiFixture {
    void SetUp() override { start(); }
    void TearDown() override {
        run(parts->stop());
        run(target.stop());
    }
    void start() {
        parts = std::make_unique<Parts>(io, clock, ids, store());
        run(parts->catalog.load());
    }
    void restart() {
        run(parts->stop());
        parts.reset();
        reopen_store();
        start();
    }
    void recover() { parts->running.spawn(parts->scheduler.run()); }
    Scheduler& scheduler() { return parts->scheduler; }

    Id<Subscription> subscribe(
        const char* type, store::DispatchMode mode = store::DispatchMode::next_on_error) {
        Subscription one;
        one.code = Code::parse(type).value();
        one.target = Url::parse(target.url()).value();
        one.signing_secret = Secret{"secret"};
        one.retry_strategy = messaging::RetryStrategy::parse("[0.01]").value();
        one.mode = mode;
        one.event_types.push_back({{}, messaging::EventTypePattern::parse(type).value(), {}});
        const auto accept = [](Subscription&, TimePoint) -> Result<void> { return {}; };
        return run(parts->catalog.subscriptions().insert(std::move(one), accept)).value()->id;
    }
    /// An event in the group "g" whose data is its number; the id of its job.
    Tsid publish(int number) {
        const auto text =
            R"({"type":"order","source":"test","messageGroup":"g","data":)" + std::to_string(number) + "}";
        auto event = codec::from_json<messaging::CreateEvent>(text).value();
        std::vector<store::NewEvent> events;
        events.push_back(messaging::make_event(std::move(event), {Tsid{}, clock.now()}, parts->catalog, ids));
        const auto job = events[0].jobs.at(0).id;
        run(store().messages().append(std::move(events)));
        return job;
    }
    template <class Rule>
    void change_subscription(Id<Subscription> id, Rule rule) {
        run(parts->catalog.subscriptions().change(id, std::move(rule))).value();
    }
    void suspend_default(bool suspended) {
        const auto rule = suspended ? messaging::suspend : messaging::activate;
        run(parts->catalog.pools().change(parts->catalog.default_pool()->id, rule)).value();
    }
    store::JobRecord job(Tsid id) { return *run(store().messages().find_job(id)); }
    /// Time goes on meanwhile: a job of this very millisecond is not yet due.
    template <class Done>
    void wait_until(const Done& done) {
        run_until([&] {
            clock.advance(Millis{1});
            return done();
        });
    }
    void until_status(Tsid id, JobStatus status) {
        wait_until([&] { return job(id).status == status; });
    }
    void until_bodies(const std::string& bodies) {
        wait_until([&] { return target.bodies().size() >= bodies.size(); });
        EXPECT_EQ(target.bodies(), bodies) << open_jobs();
    }
    /// For the message of a test that failed.
    std::string open_jobs() {
        std::string all;
        for (const auto& [one, event] : run(store().search().jobs({}, {})).rows)
            all += one.id.to_string() + (one.ready ? " ready " : " ") + std::to_string(one.attempts) +
                   " attempts: " + one.last_error + '\n';
        return all;
    }
    /// Everything that can happen now has happened: the store has answered whatever it was asked.
    void settle_down() {
        for (int turn = 0; turn < 3; ++turn) run(store().messages().lanes());
        io.restart();
        io.poll();
    }

    http::testing::RecordingTarget target{io};
    std::unique_ptr<Parts> parts;
};

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
    wait_until([&] { return job(second).status == JobStatus::cancelled; });
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
