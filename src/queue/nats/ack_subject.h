#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fc::queue {

/// What the reply subject of a JetStream delivery says:
/// `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`, or, with a
/// domain,
/// `$JS.ACK.<domain>.<account>.<stream>. ...` (NATS ADR-15).
struct AckSubject {
    std::string_view stream;
    std::string_view consumer;
    unsigned deliveries = 0;
    std::uint64_t sequence = 0;
};

/// nullopt when `subject` is no such subject. The views point into it.
std::optional<AckSubject> parse_ack_subject(std::string_view subject);

}  // namespace fc::queue
