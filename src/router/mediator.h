#pragma once

#include "base/time.h"
#include "protocol/dispatch_message.h"
#include "runtime/task.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fc::router {

/// What became of one pointer.
struct Mediation {
    enum class Verdict {
        done,          ///< ack
        config_error,  ///< ack, with a warning: no repetition would help
        failed,        ///< nack with `delay`
        not_now        ///< nothing was sent: the pointer waits in the router until `until`
    };
    Verdict verdict = Verdict::done;
    Millis delay{0};
    TimePoint until{};
    std::string reason = {};       ///< empty when done
    bool needs_attention = false;  ///< an operator must change something: worth a warning
};

/// Processes one pointer: over HTTP at its mediation target, or by a call where the processing code is in
/// this process.
class Mediator {
public:
    virtual ~Mediator() = default;
    virtual Task<Mediation> mediate(protocol::DispatchMessage pointer) = 0;
    /// The lane of one of our own jobs (its owner); nullopt: another producer's, whose lane is its target.
    virtual std::optional<std::uint64_t> lane_of(const protocol::DispatchMessage&) const {
        return std::nullopt;
    }
};

}  // namespace fc::router
