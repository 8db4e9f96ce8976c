#include "resource/turns.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <exception>

namespace fc::resource {
namespace {

namespace asio = boost::asio;

struct TurnsTest : ::testing::Test {
    /// Holds its turn while others run.
    Task<> visit() {
        const auto turn = co_await turns.take();
        most = std::max(most, ++inside);
        constexpr asio::use_awaitable_t<Executor> use_task;
        for (int i = 0; i < 3; ++i) co_await asio::post(use_task);
        --inside;
        ++visits;
    }
    void spawn() {
        asio::co_spawn(io, visit(), [](const std::exception_ptr&) {});
    }

    asio::io_context io{1};
    Turns turns;
    int inside = 0;
    int most = 0;
    int visits = 0;
};

TEST_F(TurnsTest, OneAtATimeAndAllOfThem) {
    for (int i = 0; i < 20; ++i) spawn();
    io.run();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(visits, 20);
}

TEST_F(TurnsTest, OneThatIsCancelledWhileItWaitsHoldsNobodyUp) {
    asio::cancellation_signal cancel;
    spawn();
    auto cancelled = asio::bind_cancellation_slot(cancel.slot(), [](const std::exception_ptr&) {});
    asio::co_spawn(io, visit(), std::move(cancelled));
    spawn();
    asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
    io.run();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(visits, 2);
}

}  // namespace
}  // namespace fc::resource
