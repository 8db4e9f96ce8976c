#pragma once

#include "bench/load.h"

#include <string>

namespace fc::bench {

/// What the product has to carry besides the load.
struct Surroundings {
    unsigned other_subscriptions = 0;  ///< to event types that nobody sends
    std::string pool{};                ///< code of a further dispatch pool of 64 permits; "": none
    std::uint64_t open_jobs = 0;       ///< of another event type
    bool dead_target = false;          ///< is where they go, in `pool`; else a paused subscription holds them
};
/// Throws std::runtime_error when the product refuses any of it.
void prepare(const Target& target, const Surroundings& surroundings);

}  // namespace fc::bench
