#pragma once

#include "bench/histogram.h"
#include "bench/payload.h"

#include <cstdint>
#include <vector>

namespace fc::bench {

/// The books of one run: what was sent, what became of it at the API, what arrived, and when.
struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;      ///< answered 200 or 201
    std::uint64_t refused = 0;       ///< answered otherwise
    std::uint64_t unanswered = 0;    ///< the connection ended first: may arrive, need not
    std::uint64_t delivered = 0;     ///< distinct events that arrived
    std::uint64_t duplicated = 0;    ///< arrivals of an event that had arrived
    std::uint64_t out_of_order = 0;  ///< arrivals behind a later event of their group
    std::uint64_t unexpected = 0;    ///< arrivals that were refused, or that nobody sent
};

/// Decides apart from all I/O whether a run kept its promises. Events are numbered in the order of sending.
class Checker {
public:
    /// Each event is to arrive at `copies` targets; all that is counted are these arrivals.
    explicit Checker(std::uint32_t groups = 0, std::uint32_t copies = 1)
        : copies_(copies),
          last_of_group_(std::size_t{groups + 1} * copies) {}

    /// Numbers `count` events that are about to be sent; answers the first number.
    std::uint64_t send(std::uint32_t count);
    void accept(std::uint64_t first, std::uint32_t count);
    void refuse(std::uint64_t first, std::uint32_t count);
    void leave_unanswered(std::uint64_t first, std::uint32_t count);
    /// An arrival that the receiver answers with success.
    void arrive(const Mark& mark, Nanos now, std::uint32_t copy = 0);

    /// Latencies count from here on: what was to be sent earlier is warm-up.
    void measure_from(Nanos time) { measure_from_ = time; }
    /// Sent and neither arrived nor given up.
    std::uint64_t outstanding() const { return outstanding_; }
    /// Accepted and not arrived: what is still to come, and at the end what is lost.
    std::uint64_t missing() const { return missing_; }
    const Totals& totals() const { return totals_; }
    const Histogram& latencies() const { return latencies_; }

private:
    void close(std::uint64_t place, std::uint8_t as);

    std::uint32_t copies_;
    std::vector<std::uint8_t> state_;  // a byte for each copy of each event: bits of checker.cpp
    std::vector<std::uint64_t> last_of_group_;
    Totals totals_;
    Histogram latencies_;
    Nanos measure_from_{0};
    std::uint64_t outstanding_ = 0;
    std::uint64_t missing_ = 0;
};

}  // namespace fc::bench
