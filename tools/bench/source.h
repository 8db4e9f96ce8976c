#pragma once

#include "bench/histogram.h"

#include <cstdint>
#include <string>

namespace fc::bench {

/// Where the load comes from. It tells the checker what it sends and what is accepted.
class Source {
public:
    Source() = default;
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    virtual void start(Nanos now) = 0;
    /// Sends what is due; answers when it wants to be called again at the latest.
    virtual Nanos pump(Nanos now) = 0;
    /// Nothing more is sent; what is under way is still answered.
    virtual void stop() = 0;
    virtual bool is_idle() const = 0;
    /// Nothing more will be sent: stopped, or all asked for were sent.
    virtual bool is_done() const = 0;
    /// After the last arrival: how many the broker keeps although they were answered. May wait for it.
    virtual std::uint64_t unsettled() { return 0; }

    /// What was the first answer that was neither success nor a refusal; "" when there was none.
    virtual std::string first_problem() const { return {}; }
    virtual std::uint64_t reconnects() const { return 0; }
    /// From the sending of a request to its answer.
    const Histogram& acceptance_times() const { return acceptance_times_; }
    const Histogram& refusal_times() const { return refusal_times_; }

protected:
    Histogram acceptance_times_;
    Histogram refusal_times_;
};

}  // namespace fc::bench
