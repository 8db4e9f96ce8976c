#pragma once

#include "bench/histogram.h"
#include "bench/socket.h"

#include <functional>
#include <vector>

namespace fc::bench {

/// The steady clock, which all times of a run are on.
Nanos steady_now();

/// From now on SIGINT and SIGTERM make the next `run_once` throw, so that servers are stopped and directories
/// removed.
void end_on_signals();

/// One epoll set, edge-triggered: one thread sends the load and receives the deliveries, so that nothing is
/// shared and the tool takes little from the machine it measures.
class EventLoop {
public:
    EventLoop();
    /// Calls `ready` whenever `socket` may be read or written; the caller keeps the socket open until
    /// `forget`.
    void watch(int socket, std::function<void()> ready);
    void forget(int socket);
    /// Waits until something happened or `until` has come, and calls what is ready.
    void run_once(Nanos until);

private:
    Fd epoll_;
    std::vector<std::function<void()>> handlers_;  // by descriptor
};

}  // namespace fc::bench
