#include "resource/turns.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace fc::resource {

namespace asio = boost::asio;

Task<Turns::Turn> Turns::take() {
    if (!given_back_) given_back_.emplace(co_await asio::this_coro::executor, Timer::time_point::max());
    while (is_taken_) {
        // Being cancelled shows at the next await; being woken shows as a free turn.
        boost::system::error_code woken;
        constexpr asio::use_awaitable_t<Executor> use_task;
        co_await given_back_->async_wait(asio::redirect_error(use_task, woken));
    }
    is_taken_ = true;
    co_return Turn(*this);
}

void Turns::give_back() {
    is_taken_ = false;
    given_back_->cancel();  // wakes all: the first one to run takes it, the others wait on
}

}  // namespace fc::resource
