#pragma once

#include "bench/checker.h"
#include "bench/event_loop.h"
#include "bench/load.h"
#include "bench/request_text.h"
#include "bench/source.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fc::bench {

/// Publishes events. With a rate it is an open loop: each event has its time, and waits for a busy connection
/// count as latency. Without one it keeps `window` events on their way. A group belongs to one connection, so
/// its events are accepted in the order of their numbers.
class Generator : public Source {
public:
    Generator(
        EventLoop& loop, Checker& checker, const Load& load, const Target& target, std::string_view run_tag);
    ~Generator() override;

    void start(Nanos now) override { started_ = now; }
    Nanos pump(Nanos now) override;
    void stop() override { stopped_ = true; }
    bool is_idle() const override;
    bool is_done() const override;

    /// Requests by the status that answered them.
    const std::map<int, std::uint64_t>& statuses() const { return statuses_; }
    /// Body of the first answer that was neither success nor 429 or 503; "" when there was none.
    std::string first_problem() const override { return first_problem_; }
    std::uint64_t reconnects() const override { return reconnects_; }

private:
    struct Connection;
    void connect(Connection& connection);
    void on_ready(Connection& connection);
    void on_answer(Connection& connection, int status, std::string_view body);
    void on_closed(Connection& connection);
    void send(Connection& connection, Nanos intended);
    bool has_room() const;

    EventLoop& loop_;
    Checker& checker_;
    Load load_;
    Target target_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::size_t next_ = 0;  ///< the connection that is asked first
    std::map<int, std::uint64_t> statuses_;
    std::string first_problem_;
    std::uint64_t reconnects_ = 0;
    Nanos started_{0};
    Nanos between_requests_{0};
    bool stopped_ = false;
};

}  // namespace fc::bench
