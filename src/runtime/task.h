#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace fc {

/// The executor of every coroutine and socket. A concrete type: the type-erased one costs a virtual call a
/// step.
using Executor = boost::asio::io_context::executor_type;

/// A coroutine of ours. Parameters by value; every task has an owner (TaskGroup).
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

/// What turns an asynchronous operation into something to co_await: `co_await timer.async_wait(use_task)`.
inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

}  // namespace fc
