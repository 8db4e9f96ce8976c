#pragma once

#include "runtime/task.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>

namespace fc {

/// Runs the loop until `task` has ended, for a program or a test that has nothing else to do meanwhile; what
/// the task throws is thrown here.
template <class T>
T run_task(boost::asio::io_context& io, Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = std::move(thrown);
        result.emplace(std::move(value));
    });
    io.restart();
    while (!result) io.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

inline void run_task(boost::asio::io_context& io, Task<> task) {
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown) {
        failure = std::move(thrown);
        ended = true;
    });
    io.restart();
    while (!ended) io.run_one();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace fc
