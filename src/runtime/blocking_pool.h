#pragma once

#include "runtime/task.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace fc {

/// A few threads for what blocks: drivers, password hashing, DNS, reads of the store. Work waits in order.
/// It waits too while results of as many jobs as twice the threads were not yet taken by who asked: what they
/// hold in memory is bounded by this. Destroyed before the io_contexts that wait for it; its destructor
/// finishes what was accepted.
class BlockingPool {
public:
    struct Job {
        virtual ~Job() = default;
        virtual void run() = 0;
    };

    explicit BlockingPool(std::size_t threads, std::size_t waiting_max = 10'000);
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// Throws Failure(unavailable) when `waiting_max` jobs wait already. Thread-safe.
    void expect_room() const;
    /// Thread-safe.
    void submit(std::unique_ptr<Job> job);
    std::size_t waiting() const;

    /// A result is on its way until this goes, which may be after the pool. Thread-safe.
    std::shared_ptr<void> hold_result() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

namespace detail {

struct Nothing {};
template <class R>
using Stored = std::conditional_t<std::is_void_v<R>, Nothing, R>;

/// Runs f on the pool's thread, then resumes `handler` on its own executor with what came of it.
template <class F, class Handler>
struct PoolJob final : BlockingPool::Job {
    using R = std::invoke_result_t<F&>;
    using WaitingExecutor = decltype(boost::asio::prefer(
        std::declval<Executor>(), boost::asio::execution::outstanding_work.tracked));

    PoolJob(BlockingPool& on, F function, Handler resume)
        : pool(on),
          f(std::move(function)),
          handler(std::move(resume)),
          executor(boost::asio::prefer(
              boost::asio::get_associated_executor(handler),
              boost::asio::execution::outstanding_work.tracked)) {}

    void run() override {
        std::exception_ptr failure;
        std::optional<Stored<R>> value;
        try {
            if constexpr (std::is_void_v<R>) {
                f();
                value.emplace();
            } else {
                value.emplace(f());
            }
        } catch (...) {
            failure = std::current_exception();
        }
        auto resume = [held = pool.hold_result(),
                       handler = std::move(handler),
                       failure,
                       value = std::move(value)]() mutable {
            held.reset();
            std::move(handler)(failure, std::move(value));
        };
        boost::asio::post(executor, std::move(resume));
    }

    BlockingPool& pool;
    F f;
    Handler handler;
    WaitingExecutor executor;
};

template <class F>
Task<std::invoke_result_t<F&>> run_on(BlockingPool* pool, F f) {
    using R = std::invoke_result_t<F&>;
    pool->expect_room();  // here, because a throw out of the initiation would lose the coroutine
    auto initiate = [](auto handler, BlockingPool* on, F function) {
        using Handler = decltype(handler);
        on->submit(std::make_unique<PoolJob<F, Handler>>(*on, std::move(function), std::move(handler)));
    };
    boost::asio::use_awaitable_t<Executor> token;
    auto wait = boost::asio::async_initiate<
        boost::asio::use_awaitable_t<Executor>,
        void(std::exception_ptr, std::optional<Stored<R>>)>(initiate, token, pool, std::move(f));
    auto value = co_await std::move(wait);
    if constexpr (!std::is_void_v<R>) co_return std::move(*value);
}

}  // namespace detail

/// The result of f(), run on the pool; the coroutine goes on where it was. What f throws is thrown here; a
/// full pool throws Failure(unavailable). A running f cannot be cancelled: it must have its own deadline.
template <class F>
Task<std::invoke_result_t<F&>> on_blocking_pool(BlockingPool& pool, F f) {
    return detail::run_on(&pool, std::move(f));
}

}  // namespace fc
