#include "bench/event_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <system_error>

namespace fc::bench {
namespace {

volatile std::sig_atomic_t was_signalled = 0;

}  // namespace

void end_on_signals() {
    struct sigaction action{};
    action.sa_handler = [](int) { was_signalled = 1; };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

Nanos steady_now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    // The default slack of 50 us would show in every latency at a fixed rate.
    prctl(PR_SET_TIMERSLACK, 1UL);
}

void EventLoop::watch(int socket, std::function<void()> ready) {
    const auto index = static_cast<std::size_t>(socket);
    if (handlers_.size() <= index) handlers_.resize(index + 1);
    handlers_[index] = std::move(ready);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.fd = socket;
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void EventLoop::forget(int socket) {
    epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, socket, nullptr);
    handlers_[static_cast<std::size_t>(socket)] = nullptr;
}

void EventLoop::run_once(Nanos until) {
    if (was_signalled != 0) throw std::runtime_error("interrupted");
    const Nanos wait = std::max(until - steady_now(), Nanos{0});
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (wait - whole).count()};
    std::array<epoll_event, 64> events;
    const int count = epoll_pwait2(epoll_.number(), events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        // By value: a handler may forget its own socket.
        const auto ready = handlers_[static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.fd)];
        if (ready) ready();
    }
}

}  // namespace fc::bench
