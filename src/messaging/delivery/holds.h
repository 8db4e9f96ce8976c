#pragma once

#include "base/time.h"

#include <optional>
#include <span>

namespace fc::messaging {

/// A time during which jobs were held: a paused subscription, a suspended pool.
struct Hold {
    TimePoint from;
    std::optional<TimePoint> to;  ///< exclusive; nullopt: still held
};

/// How long a job has been able to go out: the time since `ready_at` without what the holds of either list
/// cover, overlaps counted once. The holds may come in any order; zero when `ready_at` is in the future.
Millis unheld_age(TimePoint ready_at, TimePoint now, std::span<const Hold> a, std::span<const Hold> b);

}  // namespace fc::messaging
