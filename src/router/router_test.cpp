#include "router/router.h"

#include "router/router_fixture_test.h"

#include <boost/asio/co_spawn.hpp>

namespace fc::router {
namespace {

using Names = std::vector<std::string>;

Mediation failed(Millis delay) {
    return {.verdict = Mediation::Verdict::failed, .delay = delay, .until = {}, .reason = "503"};
}

/// A router on its own io_context; `finish` stops it as the process would.
struct Running {
    explicit Running(RouterSettings settings = {}) : router(settings, parts()) {
        auto run = router.run();
        boost::asio::co_spawn(io, std::move(run), [this](const std::exception_ptr&) { ended = true; });
    }
    Router::Parts parts() {
        Router::Parts parts{.executor = io.get_executor(), .clock = &clock};
        parts.mediator = &mediator;
        parts.queue = &queue;
        parts.own_jobs.run = [this](Work work, Permit permit) {
            return run_own(std::move(work), std::move(permit));
        };
        parts.own_jobs.dropped = [this](Work work) { dropped.push_back(work.job); };
        return parts;
    }
    Task<> run_own(Work work, Permit permit) {
        started.push_back(work.job);
        auto wait = gate.opened();
        co_await std::move(wait);
        ended_jobs.push_back(work.job);
        permit.release(true);
    }
    void until(const std::function<bool()>& done) { run_until(io, done); }
    void finish(Millis deadline = Millis{1'000}) {
        bool stopped = false;
        auto stop = router.stop(deadline);
        boost::asio::co_spawn(io, std::move(stop), [&](const std::exception_ptr&) { stopped = true; });
        until([&] { return stopped && ended; });
    }
    Work job(std::uint64_t id) { return Work{.lane = 1, .job = id, .retry = false}; }

    boost::asio::io_context io;
    SystemClock clock;
    RecordingQueue queue{io.get_executor()};
    ScriptedMediator mediator{io.get_executor()};
    Latch gate{io.get_executor()};
    std::vector<std::uint64_t> started;
    std::vector<std::uint64_t> ended_jobs;
    std::vector<std::uint64_t> dropped;
    bool ended = false;
    Router router;
};

TEST(Router, RunsOurOwnJobsWithinTheConcurrencyOfTheirPool) {
    Running running;
    ASSERT_TRUE(running.router.put_pool({.key = "p", .limits = {.concurrency = 2}}));
    for (std::uint64_t id = 1; id <= 3; ++id) {
        EXPECT_EQ(running.router.submit("p", running.job(id)), Pool::Push::queued);
    }
    running.until([&] { return running.started.size() == 2; });
    EXPECT_EQ(running.router.find_pool("p")->pool().queued(), 1u);
    running.gate.open();
    running.until([&] { return running.ended_jobs.size() == 3; });
    running.finish();
}

TEST(Router, Defect46UnknownPoolIsServedByDefaultWithAWarning) {
    Running running;
    running.gate.open();
    running.router.submit("nobody", running.job(1));
    running.until([&] { return running.ended_jobs.size() == 1; });
    EXPECT_EQ(running.router.pools().size(), 1u);
    ASSERT_EQ(running.router.warnings().size(), 1u);
    EXPECT_EQ(running.router.warnings().list().front().category, "ROUTING");
    running.finish();
}

TEST(Router, Defect38DefaultCannotBeRemovedAndHasItsOldName) {
    Running running;
    EXPECT_FALSE(running.router.remove_pool("default"));
    EXPECT_EQ(running.router.find_pool("DEFAULT-POOL"), running.router.find_pool("default"));
    running.router.sync_pools({});
    EXPECT_NE(running.router.find_pool("default"), nullptr);
    running.finish();
}

TEST(Router, Defect37PoolAnswersToItsIdAndItsCode) {
    Running running;
    ASSERT_TRUE(running.router.put_pool({.key = "0HZXEQ5Y8JY5Z", .aliases = {"slow"}}));
    EXPECT_EQ(running.router.find_pool("slow"), running.router.find_pool("0HZXEQ5Y8JY5Z"));
    ASSERT_NE(running.router.find_pool("slow"), nullptr);
    running.finish();
}

TEST(Router, Defect33RemovedPoolEndsWhatItHas) {
    Running running;
    ASSERT_TRUE(running.router.put_pool({.key = "p", .limits = {.concurrency = 1}}));
    running.router.submit("p", running.job(1));
    running.router.submit("p", running.job(2));
    running.until([&] { return running.started.size() == 1; });
    EXPECT_TRUE(running.router.remove_pool("p"));
    running.router.submit("p", running.job(3));
    EXPECT_EQ(running.router.find_pool("default")->pool().active(), 1u) << "what comes now goes to default";
    running.gate.open();
    running.until([&] { return running.ended_jobs.size() == 3; });
    running.until([&] { return running.router.find_pool("p") == nullptr; });
    EXPECT_TRUE(running.dropped.empty());
    running.finish();
}

TEST(Router, DrainingPoolThatIsConfiguredAgainStays) {
    Running running;
    const PoolConfig config{.key = "p", .limits = {.concurrency = 1}};
    ASSERT_TRUE(running.router.put_pool(config));
    running.router.submit("p", running.job(1));
    running.router.remove_pool("p");
    ASSERT_TRUE(running.router.put_pool(config));
    running.gate.open();
    running.until([&] { return running.ended_jobs.size() == 1; });
    EXPECT_NE(running.router.find_pool("p"), nullptr);
    running.finish();
}

TEST(Router, TooManyPoolsAreRefused) {
    Running running{{.pools_max = 2}};
    EXPECT_TRUE(running.router.put_pool({.key = "a"}));
    EXPECT_FALSE(running.router.put_pool({.key = "b"}));
    EXPECT_EQ(running.router.warnings().list().front().category, "POOL_LIMIT");
    running.finish();
}

TEST(Router, StopLetsRunningJobsEndAndHandsBackTheRest) {
    Running running{{.default_pool = {.concurrency = 1}}};
    running.router.submit("default", running.job(1));
    running.router.submit("default", running.job(2));
    running.until([&] { return running.started.size() == 1; });
    auto stop = running.router.stop(Millis{1'000});
    bool stopped = false;
    boost::asio::co_spawn(running.io, std::move(stop), [&](const std::exception_ptr&) { stopped = true; });
    running.until([&] { return running.dropped.size() == 1; });
    EXPECT_EQ(running.router.submit("default", running.job(3)), Pool::Push::closed);
    running.gate.open();
    running.until([&] { return stopped; });
    EXPECT_EQ(running.ended_jobs, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(running.dropped, (std::vector<std::uint64_t>{2}));
}

TEST(Router, StopCancelsWhatRunsPastItsDeadline) {
    Running running;
    running.queue.put("m1", pointer_body("1"));
    running.mediator.hold("1");
    running.until([&] { return running.mediator.running == 1; });
    running.finish(Millis{20});
    EXPECT_EQ(running.queue.settled, Names{"nack m1 1000"});
}

TEST(Router, PointerIsAckedWhenItsTargetIsDone) {
    Running running;
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m1"});
    EXPECT_TRUE(running.router.held_pointers(10).empty());
    running.finish();
    EXPECT_EQ(running.queue.settled.size(), 1u);
}

TEST(Router, MalformedPointerIsAckedWithAWarning) {
    Running running;
    running.queue.put("m1", R"({"poolCode":"default"})");
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m1"});
    EXPECT_EQ(running.router.warnings().list().front().category, "MALFORMED_MESSAGE");
    EXPECT_TRUE(running.mediator.seen.empty());
    running.finish();
}

TEST(Router, ConfigErrorIsAckedWithAWarning) {
    Running running;
    running.mediator.outcomes["1"].push_back(
        {.verdict = Mediation::Verdict::config_error, .reason = "the target answered 404"});
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m1"});
    EXPECT_EQ(running.router.warnings().list().front().category, "CONFIGURATION");
    running.finish();
}

TEST(Router, Defect19PointersOfAGroupRunOneAfterTheOther) {
    Running running;
    for (int i = 1; i <= 5; ++i) {
        running.queue.put("m" + std::to_string(i), pointer_body(std::to_string(i), "g"));
    }
    running.until([&] { return running.queue.settled.size() == 5; });
    EXPECT_EQ(running.mediator.seen, (Names{"1", "2", "3", "4", "5"}));
    EXPECT_EQ(running.mediator.running_max, 1);
    running.finish();
}

TEST(Router, Defect20FailureNacksTheRestOfItsBatchAndGroupNotSooner) {
    Running running;
    running.mediator.outcomes["1"].push_back(failed(Millis{30'000}));
    running.queue.put("m1", pointer_body("1", "g"));
    running.queue.put("m2", pointer_body("2", "g"));
    running.queue.put("m3", pointer_body("3", "other"));
    running.until([&] { return running.queue.settled.size() == 3; });
    Names settled = running.queue.settled;
    std::ranges::sort(settled);
    EXPECT_EQ(settled, (Names{"ack m3", "nack m1 30000", "nack m2 30000"}));
    EXPECT_EQ(std::ranges::count(running.mediator.seen, "2"), 0);
    running.finish();
}

TEST(Router, Defect21SecondMessageOfAHeldJobIsAcked) {
    Running running;
    running.mediator.hold("1");
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return running.mediator.running == 1; });
    running.queue.put("m2", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m2"});
    running.mediator.let_go("1");
    running.until([&] { return running.queue.settled.size() == 2; });
    EXPECT_EQ(running.mediator.seen, Names{"1"});
    running.finish();
}

TEST(Router, RedeliveryOfAHeldPointerIsNotStartedAgain) {
    Running running;
    running.mediator.hold("1");
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return running.mediator.running == 1; });
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return running.queue.waiting.empty(); });
    EXPECT_TRUE(running.queue.settled.empty());
    running.mediator.let_go("1");
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m1"}) << "settled once, through the newer delivery";
    running.finish();
}

TEST(Router, Defect22SettlesBeforeItForgets) {
    Running running;
    std::size_t held_at_settlement = 0;
    running.queue.on_settle = [&] { held_at_settlement = running.router.held_pointers(10).size(); };
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(held_at_settlement, 1u);
    running.finish();
}

TEST(Router, Defect31FetchesNothingWhileThePoolIsFull) {
    Running running;
    ASSERT_TRUE(running.router.put_pool({.key = "default", .pointers_max = 2}));
    for (const char* id : {"1", "2", "3"}) {
        running.mediator.hold(id);
        running.queue.put(std::string{"m"} + id, pointer_body(id, "g"));
    }
    running.until([&] { return running.mediator.running == 1; });
    for (int i = 0; i < 20; ++i) running.io.poll();
    EXPECT_EQ(running.queue.waiting.size(), 1u);
    EXPECT_EQ(running.queue.fetch_sizes, std::vector<std::size_t>{2});
    running.mediator.let_go("1");
    running.until([&] { return running.queue.waiting.empty(); });
    running.mediator.let_go("2");
    running.mediator.let_go("3");
    running.until([&] { return running.queue.settled.size() == 3; });
    EXPECT_EQ(running.mediator.seen, (Names{"1", "2", "3"}));
    running.finish();
}

TEST(Router, ExtendsWhatTakesLong) {
    Running running{{.extend_interval = Millis{5}}};
    running.mediator.hold("1");
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return running.queue.extended >= 3; });
    running.mediator.let_go("1");
    running.until([&] { return !running.queue.settled.empty(); });
    running.finish();
}

TEST(Router, PointerThatMayNotStartYetWaitsHere) {
    Running running;
    running.mediator.outcomes["1"].push_back(
        {.verdict = Mediation::Verdict::not_now, .until = running.clock.now() + Millis{30}});
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    EXPECT_EQ(running.queue.settled, Names{"ack m1"});
    EXPECT_EQ(running.mediator.seen, (Names{"1", "1"}));
    running.finish();
}

TEST(Router, StopGivesBackPointersInTheirOrder) {
    Running running{{.default_pool = {.concurrency = 1}}};
    running.mediator.hold("1");
    for (const char* id : {"1", "2", "3", "4"}) {
        running.queue.put(std::string{"m"} + id, pointer_body(id, *id == '3' ? "" : "g"));
    }
    running.until([&] { return running.mediator.running == 1; });
    running.finish(Millis{20});
    EXPECT_EQ(running.queue.settled.size(), 4u);
    EXPECT_EQ(
        std::ranges::count_if(running.queue.settled, [](auto& how) { return how.starts_with("nack"); }), 4);
    const auto place = [&](std::string_view id) {
        return std::ranges::find_if(
            running.queue.settled, [id](auto& how) { return how.find(id) != std::string::npos; });
    };
    EXPECT_LT(place("m1"), place("m2"));
    EXPECT_LT(place("m2"), place("m4"));
}

TEST(Router, LostConsumerIsTakenAgain) {
    Running running{{.broker_retry_first = Millis{1}}};
    running.until([&] { return running.queue.fetch_sizes.size() == 1; });
    running.queue.lose_consumers();
    running.until([&] { return std::ranges::count(running.queue.taken, "default") == 2; });
    running.queue.put("m1", pointer_body("1"));
    running.until([&] { return !running.queue.settled.empty(); });
    running.finish();
}

TEST(Router, SubjectOfAnUnknownPoolIsFoundAndServed) {
    Running running;
    running.queue.present.push_back({.subject = queue::PoolSubject::of_pool("strange"), .messages = 1});
    running.until([&] { return std::ranges::count(running.queue.taken, "strange") == 1; });
    EXPECT_EQ(running.router.consumers().size(), 2u);
    running.finish();
}

}  // namespace
}  // namespace fc::router
