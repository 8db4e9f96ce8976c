#pragma once

#include "base/time.h"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fc::messaging {

/// A time during which jobs were held: a paused subscription, a suspended pool.
struct Hold {
    TimePoint from;
    std::optional<TimePoint> to;  ///< exclusive; nullopt: still held
};
BOOST_DESCRIBE_STRUCT(Hold, (), (from, to))

/// Kept of one subscription or pool. Beyond it the two oldest become one that covers both and what lies
/// between.
constexpr std::size_t holds_max = 100;

/// Notes that jobs are held from `now` on, unless they are already.
void begin_hold(std::vector<Hold>& holds, TimePoint now);
/// Notes that they are no longer held.
void end_hold(std::vector<Hold>& holds, TimePoint now);

/// How long a job has been able to go out: the time since `ready_at` without what the holds of either list
/// cover, overlaps counted once. The holds may come in any order; zero when `ready_at` is in the future.
Millis unheld_age(TimePoint ready_at, TimePoint now, std::span<const Hold> a, std::span<const Hold> b);

}  // namespace fc::messaging
