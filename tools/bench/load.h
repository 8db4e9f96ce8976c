#pragma once

#include "bench/socket.h"

#include <cstdint>
#include <string>

namespace fc::bench {

/// Deduplication keys of the events: none, growing with the number, or spread at random (which costs an index
/// more).
enum class Dedup { none, ordered, random };

/// What the generator sends.
struct Load {
    unsigned connections = 16;  ///< one request at a time on each
    unsigned batch = 1;         ///< events in a request; 1 uses POST /api/events
    double rate = 0;            ///< events a second at even distances; 0: as fast as they are delivered
    unsigned window = 1000;     ///< without a rate: events sent and not yet delivered, at most
    unsigned groups = 1000;     ///< 0: events without messageGroup
    unsigned bytes = 200;       ///< of the payload
    std::uint64_t events = 0;   ///< stop after so many; 0: only the time ends the run
    Dedup dedup = Dedup::none;
    std::string event_type = "bench.event";
    unsigned types = 1;   ///< more than one: event types below that one, each group's events of one of them
    unsigned copies = 1;  ///< subscriptions to each type, each with a target of its own
    unsigned targets() const { return types * copies; }
};

/// Place of a group's event type; a group belongs to one, because the order of two subscriptions is none.
inline unsigned type_of_group(const Load& load, std::uint32_t group) {
    return group % load.types;
}
/// The event type at that place, as the events say it: fixed width.
std::string event_type_of(const Load& load, unsigned place);

/// The server that the load goes to.
struct Target {
    Address address;
    std::string token;
};

}  // namespace fc::bench
