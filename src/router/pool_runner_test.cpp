#include "router/pool_runner.h"

#include "router/router_fixture_test.h"

#include <stdexcept>

namespace fc::router {
namespace {

struct Runner {
    explicit Runner(PoolLimits limits) {
        handlers.own_jobs.run = [this](Work work, Permit permit) {
            return run(std::move(work), std::move(permit));
        };
        handlers.own_jobs.dropped = [this](Work work) { dropped.push_back(work.job); };
        pool = std::make_shared<PoolRunner>(
            PoolConfig{.key = "p", .limits = limits},
            PoolRunner::Parts{
                .executor = io.get_executor(),
                .clock = &clock,
                .tasks = &tasks,
                .handlers = &handlers,
                .metrics = {}});
    }
    Task<> run(Work work, Permit permit) {
        started.push_back(work.job);
        if (put_back_first && started.size() == 1) {
            permit.put_back(clock.now() + Millis{20});
            co_return;
        }
        if (throws) throw std::runtime_error("a bug");
        permit.release(true);
    }
    Work job(std::uint64_t id) { return Work{.lane = 1, .job = id, .retry = false}; }
    void until_started(std::size_t count) {
        run_until(io, [&] { return started.size() >= count; });
    }

    boost::asio::io_context io;
    SystemClock clock;
    TaskGroup tasks{io.get_executor(), "test"};
    WorkHandlers handlers;
    std::shared_ptr<PoolRunner> pool;
    std::vector<std::uint64_t> started;
    std::vector<std::uint64_t> dropped;
    bool put_back_first = false;
    bool throws = false;
};

TEST(PoolRunner, OneTimerWakesItWhenTheNextTokenIsThere) {
    // The bucket fills from its making, which is before `Runner` can be asked for the time.
    const auto began = std::chrono::steady_clock::now();
    Runner runner{{.rate_per_minute = 6'000}};
    for (std::uint64_t id = 1; id <= 4; ++id) runner.pool->submit(runner.job(id));
    runner.until_started(4);
    EXPECT_EQ(runner.started, (std::vector<std::uint64_t>{1, 2, 3, 4}));
    // Three tokens of 10 ms each, on a clock of whole milliseconds.
    EXPECT_GT(std::chrono::steady_clock::now() - began, Millis{29});
}

TEST(PoolRunner, ManyThatEndAtOnceDoNotGrowTheStack) {
    Runner runner{{.concurrency = 1, .queued_max = 200'000, .lane_queued_max = 200'000}};
    for (std::uint64_t id = 1; id <= 100'000; ++id) runner.pool->submit(runner.job(id));
    runner.until_started(100'000);
    EXPECT_TRUE(runner.pool->pool().is_idle());
}

TEST(PoolRunner, PutBackWorkStartsAgainWhenItsLaneMay) {
    Runner runner{{.concurrency = 1}};
    runner.put_back_first = true;
    const TimePoint began = runner.clock.now();
    runner.pool->submit(runner.job(1));
    runner.pool->submit(runner.job(2));
    runner.until_started(3);
    EXPECT_EQ(runner.started, (std::vector<std::uint64_t>{1, 1, 2}));
    EXPECT_GE(runner.clock.now() - began, Millis{20});
}

TEST(PoolRunner, Defect32PermitOfWorkThatThrowsIsReleased) {
    Runner runner{{.concurrency = 1}};
    runner.throws = true;
    runner.pool->submit(runner.job(1));
    runner.pool->submit(runner.job(2));
    runner.until_started(2);
    run_until(runner.io, [&] { return runner.pool->pool().is_idle(); });
}

TEST(PoolRunner, ResumedPoolStartsWhatItKept) {
    Runner runner{{}};
    PoolConfig config = runner.pool->config();
    config.suspended = true;
    runner.pool->configure(config);
    runner.pool->submit(runner.job(1));
    runner.io.run_for(std::chrono::milliseconds{5});
    EXPECT_TRUE(runner.started.empty());
    config.suspended = false;
    runner.pool->configure(config);
    runner.until_started(1);
}

TEST(PoolRunner, OwnJobsAreBoundedAndPointersAlwaysTaken) {
    Runner runner{{.queued_max = 2, .lane_queued_max = 1}};
    PoolConfig config = runner.pool->config();
    config.suspended = true;
    runner.pool->configure(config);
    EXPECT_EQ(runner.pool->submit({.lane = 1, .job = 1}), Pool::Push::queued);
    EXPECT_EQ(runner.pool->submit({.lane = 1, .job = 2}), Pool::Push::lane_full);
    EXPECT_EQ(runner.pool->submit({.lane = 2, .job = 3}), Pool::Push::queued);
    EXPECT_EQ(runner.pool->submit({.lane = 3, .job = 4}), Pool::Push::pool_full);
    const Work pointer{.lane = pointer_bit | 1, .job = pointer_bit | 1};
    EXPECT_EQ(runner.pool->submit(pointer), Pool::Push::queued);
    runner.handlers.pointers.dropped = [](Work) {};
    runner.pool->drop_all();
    EXPECT_EQ(runner.dropped.size(), 2u);
}

TEST(PoolRunner, Defect43SeriesOfARemovedPoolAreGone) {
    metrics::Registry registry;
    RouterMetrics metrics;
    metrics.add_to(registry);
    boost::asio::io_context io;
    SystemClock clock;
    TaskGroup tasks{io.get_executor(), "test"};
    WorkHandlers handlers;
    auto pool = std::make_shared<PoolRunner>(
        PoolConfig{.key = "gone"},
        PoolRunner::Parts{
            .executor = io.get_executor(),
            .clock = &clock,
            .tasks = &tasks,
            .handlers = &handlers,
            .metrics = metrics.pool});
    EXPECT_NE(
        registry.exposition().find("flowcatalyst_pool_queue_depth{pool_code=\"gone\"}"), std::string::npos);
    pool.reset();
    EXPECT_EQ(
        registry.exposition().find("flowcatalyst_pool_queue_depth{pool_code=\"gone\"}"), std::string::npos);
}

}  // namespace
}  // namespace fc::router
