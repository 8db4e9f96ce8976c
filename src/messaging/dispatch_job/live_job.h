#pragma once

#include "base/time.h"
#include "store/records.h"

#include <optional>

namespace fc::messaging {

/// Where an open job stands in the memory of the process that hands jobs over.
struct LiveJob {
    enum class Place {
        store,    ///< only there: it waits for long, is held, or others are read before it
        waiting,  ///< for its time
        queued,   ///< with the router
        in_flight
    };
    /// What the router says of a queued job.
    enum class Cause {
        line,  ///< others are before it
        breaker,
        subscription_concurrency,
        subscription_rate,
        pool_concurrency,
        pool_rate,
        queue  ///< its pointer is on the queue
    };
    Place place = Place::store;
    Cause cause = Cause::line;
    std::optional<TimePoint> since = {};  ///< `in_flight`: when it was sent
    std::optional<TimePoint> until = {};  ///< of the cause, where it is known
};

/// What is shown as the status of a job that stands there; nullopt: the stored one.
inline std::optional<store::JobStatus> status_of(const LiveJob& live) {
    if (live.place == LiveJob::Place::in_flight) return store::JobStatus::in_progress;
    if (live.place == LiveJob::Place::queued) return store::JobStatus::queued;
    return std::nullopt;
}

}  // namespace fc::messaging
