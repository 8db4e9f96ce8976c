#include "base/error.h"
#include "runtime/blocking_pool.h"
#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "runtime/service.h"
#include "runtime/task_group.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <semaphore>
#include <thread>

namespace fc {
namespace {

namespace asio = boost::asio;
constexpr asio::use_awaitable_t<Executor> use_task;

class Lines {
public:
    Lines() {
        log::redirect([this](std::string_view line) { lines_.emplace_back(line); });
    }
    ~Lines() {
        log::redirect({});
        log::start({});
    }
    const std::vector<std::string>& all() const { return lines_; }
    std::string last() const { return lines_.empty() ? "" : lines_.back(); }

private:
    std::vector<std::string> lines_;
};

Task<> wait_and_count(Millis time, int* ended) {
    Timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_task);
    ++*ended;
}

template <class T>
T run(asio::io_context& io, Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        result = std::move(value);
    });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

TEST(TaskGroup, DrainWaitsForTasksThatEndInTime) {
    asio::io_context io;
    TaskGroup group(io.get_executor(), "test");
    int ended = 0;
    group.spawn(wait_and_count(Millis{1}, &ended));
    group.spawn(wait_and_count(Millis{20}, &ended));
    EXPECT_TRUE(run(io, group.drain(seconds{5})));
    EXPECT_EQ(ended, 2);
}

TEST(TaskGroup, DrainCancelsAtTheDeadline) {
    Lines lines;
    asio::io_context io;
    TaskGroup group(io.get_executor(), "test");
    int ended = 0;
    group.spawn(wait_and_count(seconds{60}, &ended));
    EXPECT_FALSE(run(io, group.drain(Millis{10})));
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, AClosedGroupTakesNoTask) {
    asio::io_context io;
    TaskGroup group(io.get_executor(), "test");
    EXPECT_TRUE(run(io, group.drain(Millis{10})));
    int ended = 0;
    group.spawn(wait_and_count(Millis{1}, &ended));
    io.restart();
    io.run();
    EXPECT_EQ(ended, 0);
}

Task<> begin(int* begun) {
    ++*begun;
    co_return;
}

TEST(TaskGroup, ATaskCancelledBeforeItBeganNeverBegins) {
    asio::io_context io;
    int begun = 0;
    {
        TaskGroup group(io.get_executor(), "test");
        group.spawn(begin(&begun));
    }
    io.run();
    EXPECT_EQ(begun, 0);
}

Task<> fail() {
    throw std::runtime_error("the disk is full");
    co_return;
}

TEST(TaskGroup, AFailureIsLoggedAndEndsNothingElse) {
    Lines lines;
    asio::io_context io;
    TaskGroup group(io.get_executor(), "deliveries");
    int ended = 0;
    group.spawn(fail());
    group.spawn(wait_and_count(Millis{1}, &ended));
    io.run();
    EXPECT_EQ(ended, 1);
    ASSERT_EQ(lines.all().size(), 1U);
    EXPECT_NE(
        lines.last().find("task failed group=deliveries error=\"the disk is full\""), std::string::npos);
}

TEST(BlockingPool, RunsElsewhereAndResumesHere) {
    BlockingPool pool(2);
    asio::io_context io;
    const auto here = std::this_thread::get_id();
    auto work = on_blocking_pool(pool, [] { return std::this_thread::get_id(); });
    EXPECT_NE(run(io, std::move(work)), here);
}

TEST(BlockingPool, PassesExceptionsThrough) {
    BlockingPool pool(1);
    asio::io_context io;
    auto work = on_blocking_pool(pool, []() -> int { throw Failure(not_found("NO", "not there")); });
    EXPECT_THROW(run(io, std::move(work)), Failure);
}

TEST(BlockingPool, TakesValuesThatOnlyMove) {
    BlockingPool pool(1);
    asio::io_context io;
    auto work =
        on_blocking_pool(pool, [text = std::make_unique<int>(7)]() mutable { return std::move(text); });
    EXPECT_EQ(*run(io, std::move(work)), 7);
}

TEST(BlockingPool, RefusesMoreThanItsBound) {
    BlockingPool pool(1, 0);
    asio::io_context io;
    auto work = on_blocking_pool(pool, [] { return 1; });
    EXPECT_THROW(run(io, std::move(work)), Failure);
}

TEST(BlockingPool, WorksOnOnlyWhenItsResultsAreTaken) {
    BlockingPool pool(1);
    asio::io_context io;
    int done = 0;
    std::binary_semaphore submitted(0);
    TaskGroup group(io.get_executor(), "test");
    group.spawn(on_blocking_pool(pool, [&] { submitted.acquire(); }));
    for (int n = 0; n < 9; ++n) group.spawn(on_blocking_pool(pool, [&] { ++done; }));
    io.poll();
    submitted.release();
    while (pool.waiting() > 8) std::this_thread::yield();
    for (int look = 0; look < 10'000; ++look) {
        ASSERT_EQ(pool.waiting(), 8U);
        std::this_thread::yield();
    }
    io.run();
    EXPECT_EQ(done, 9);
}

TEST(SystemClock, MovesForwardFromTheWallClock) {
    SystemClock clock;
    const auto first = clock.now();
    EXPECT_LT(std::chrono::abs(clock.wall() - first), seconds{5});
    while (clock.now() == first) std::this_thread::yield();
    EXPECT_GT(clock.now(), first);
}

TEST(SystemClock, GoesOnFromAMomentThatTheWallClockIsBehind) {
    SystemClock clock;
    const auto latest = clock.now() + std::chrono::hours{1};
    clock.go_on_from(latest);
    EXPECT_GE(clock.now(), latest);
    clock.go_on_from(latest - std::chrono::hours{1});
    EXPECT_LT(clock.now(), latest + std::chrono::minutes{1});
    EXPECT_GE(clock.now(), latest);
}

TEST(Log, HumanLineQuotesOnlyWhatNeedsIt) {
    Lines lines;
    log::warn("delivery failed", {{"job", 7}, {"error", "timed out"}, {"ok", false}, {"pool", "default"}});
    EXPECT_TRUE(
        lines.last().ends_with(" WARN  delivery failed job=7 error=\"timed out\" ok=false pool=default"))
        << lines.last();
}

TEST(Log, JsonLineEscapesEverything) {
    Lines lines;
    log::start({.json = true});
    log::info("said \"hi\"", {{"text", "a\\b\n\x01"}, {"bytes", std::string("\xff")}, {"ratio", 0.5}});
    EXPECT_TRUE(lines.last().ends_with(
        R"("level":"INFO","message":"said \"hi\"","text":"a\\b\n\u0001","bytes":"\u00ff","ratio":0.5})"))
        << lines.last();
}

TEST(Log, LevelHidesWhatIsBelow) {
    Lines lines;
    log::debug("hidden");
    EXPECT_TRUE(lines.all().empty());
    log::start({.level = log::Level::debug});
    log::debug("shown");
    EXPECT_EQ(lines.all().size(), 1U);
}

static_assert(!std::is_constructible_v<log::Value, Secret>, "a secret cannot be logged");

struct PoolMetrics {
    metrics::Counter deliveries_total;
    metrics::Gauge in_flight;
    metrics::Histogram delivery_seconds;
};
BOOST_DESCRIBE_STRUCT(PoolMetrics, (), (deliveries_total, in_flight, delivery_seconds))

TEST(Metrics, AreExposedUnderTheirMembersNames) {
    metrics::Registry registry;
    PoolMetrics pool;
    registry.add("pool", pool);
    pool.deliveries_total.with({{"outcome", "success"}}).increment(3);
    pool.in_flight.set(2);
    pool.delivery_seconds.observe(0.02);
    const auto text = registry.exposition();
    EXPECT_NE(text.find("flowcatalyst_pool_deliveries_total{outcome=\"success\"} 3"), std::string::npos)
        << text;
    EXPECT_NE(text.find("flowcatalyst_pool_in_flight 2"), std::string::npos);
    EXPECT_NE(text.find("flowcatalyst_pool_delivery_seconds_bucket{le=\"0.025\"} 1"), std::string::npos);
    EXPECT_NE(text.find("process_resident_memory_bytes"), std::string::npos);
}

TEST(Metrics, UnregisteredOnesDoNothing) {
    PoolMetrics pool;
    pool.deliveries_total.increment();
    EXPECT_EQ(pool.deliveries_total.value(), 0);
}

class Worker : public Service {
public:
    Worker(asio::io_context& io, std::string name, std::vector<std::string>& events)
        : stop_(io.get_executor(), Timer::time_point::max()),
          name_(std::move(name)),
          events_(events) {}
    std::string_view name() const override { return name_; }
    Task<> run() override {
        boost::system::error_code error;
        co_await stop_.async_wait(asio::redirect_error(use_task, error));
    }
    Task<> stop(Millis) override {
        events_.push_back(name_);
        stop_.cancel();
        co_return;
    }

private:
    Timer stop_;
    std::string name_;
    std::vector<std::string>& events_;
};

class Broken : public Service {
public:
    std::string_view name() const override { return "broken"; }
    Task<> run() override { return fail(); }
    Task<> stop(Millis) override { co_return; }
};

TEST(RunServices, ASignalStopsThemInReverseOrder) {
    Lines lines;
    asio::io_context io;
    std::vector<std::string> events;
    Worker first(io, "first", events);
    Worker second(io, "second", events);
    asio::post(io, [] { std::raise(SIGTERM); });
    EXPECT_EQ(run_services(io, {&first, &second}), 0);
    EXPECT_EQ(events, (std::vector<std::string>{"second", "first"}));
}

TEST(RunServices, AServiceThatFailsStopsTheOthers) {
    Lines lines;
    asio::io_context io;
    std::vector<std::string> events;
    Worker worker(io, "worker", events);
    Broken broken;
    EXPECT_EQ(run_services(io, {&worker, &broken}), 1);
    EXPECT_EQ(events.size(), 1U);
}

}  // namespace
}  // namespace fc
