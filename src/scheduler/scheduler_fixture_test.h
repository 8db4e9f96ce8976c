#pragma once

#include "http/recording_target.h"
#include "messaging/event/event.h"
#include "resource/api_fixture_test.h"
#include "router/router.h"
#include "scheduler/faulty_log_test.h"
#include "scheduler/memory_hand_over.h"
#include "scheduler/scheduler.h"

#include <limits>

namespace fc::scheduler {

using messaging::DispatchPool;
using messaging::Subscription;
using store::JobStatus;

inline http::ClientSettings loopback() {
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
        co_await scheduler.stop(deadline);
        co_await router.stop(deadline);
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
    /// An event whose data is its number; the id of its job.
    Tsid publish(int number, const std::string& group = "g") {
        const auto text = R"({"type":"order","source":"test","messageGroup":")" + group + R"(","data":)" +
                          std::to_string(number) + "}";
        auto event = codec::from_json<messaging::CreateEvent>(text).value();
        std::vector<store::NewEvent> events;
        events.push_back(messaging::make_event(std::move(event), {Tsid{}, clock.now()}, parts->catalog, ids));
        const auto job = events[0].jobs.at(0).id;
        run(store().messages().append(std::move(events)));
        return job;
    }
    /// A job made by API in the group "g", with a pool of its own.
    Tsid add_job(int number, Tsid owner, Tsid pool_id) {
        store::JobRecord job;
        job.id = ids.next();
        job.owner = owner;
        job.pool_id = job.counted_pool = pool_id;
        job.message_group = "g";
        job.origin = store::JobOrigin::api;
        job.created_at = job.next_attempt_at = clock.now();
        job.spec = R"({"targetUrl":")" + target.url() + R"(","payload":)" + std::to_string(number) + "}";
        std::vector<store::JobRecord> jobs{job};
        run(store().messages().add_jobs(std::move(jobs)));
        return job.id;
    }
    Tsid add_pool(const char* code) {
        DispatchPool pool;
        pool.code = Code::parse(code).value();
        const auto accept = [](DispatchPool&, TimePoint) -> Result<void> { return {}; };
        return run(parts->catalog.pools().insert(std::move(pool), accept)).value()->id;
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

}  // namespace fc::scheduler
