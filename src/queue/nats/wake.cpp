#include "queue/nats/wake.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace fc::queue {

Task<> Wake::wait_until(Deadline deadline) {
    boost::system::error_code ended;
    timer_.expires_at(deadline);
    auto expiry =
        timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), ended));
    co_await std::move(expiry);
    // A timer cancelled by notify() and a cancelled coroutine look alike to the timer.
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) {
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
}

}  // namespace fc::queue
