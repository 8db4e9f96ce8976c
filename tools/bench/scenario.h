#pragma once

#include "bench/load.h"
#include "bench/receiver.h"
#include "bench/source.h"

#include <boost/describe/class.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fc::bench {

/// One line of the table.
struct Scenario {
    std::string name;
    Load load;
    ReceiverOptions receiver;
    double seconds = 8;
    double warm_up_seconds = 0.5;
    unsigned runs = 1;                 ///< the median of so many
    std::string mode;                  ///< of the subscription; "": the product's default
    std::string pool_of_first_target;  ///< code of a dispatch pool; "": the product's default
    bool pointers = false;             ///< of another producer, on the queue, instead of events at the API
};

/// Where pointers are published, and where they send the router.
struct PointerRoute {
    std::uint16_t nats_port = 0;
    std::uint16_t target_port = 0;
    std::string run_tag;
};
using MakePointers = std::function<std::unique_ptr<Source>(Checker&, const Load&, const PointerRoute&)>;

/// What a scenario runs against. Without a process its CPU time and memory are unknown.
struct Subject {
    Target target;
    std::optional<pid_t> pid;
    std::uint16_t nats_port = 0;
    MakePointers make_pointers{};  ///< for scenarios with pointers
};

/// What a run showed. Latencies are from the intended sending to the arrival; in a run without a rate they
/// show the length of the queue that the window allows, no more.
struct Figures {
    std::string scenario;
    double events_per_second = 0;  ///< delivered, warm-up and drain left out
    std::optional<double> cpu_us_per_event;
    double tool_cpu_us_per_event = 0;  ///< of generator and receiver
    /// In runs at a rate: an `fdatasync` of the disk and the tool's own p50 at that rate, just before. 0: not
    /// measured.
    double sync_and_hop_ms = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double p999_ms = 0;
    double acceptance_p99_ms = 0;  ///< from the sending of a request to its answer
    double refusal_p99_ms = 0;     ///< the same of those answered otherwise
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t delivered = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t unexpected = 0;
    std::uint64_t damaged = 0;
    std::uint64_t signatures_checked = 0;
    std::uint64_t signatures_wrong = 0;
    std::uint64_t reconnects = 0;
    double drain_seconds = 0;
    std::optional<double> resident_peak_mb;
    double stolen_percent = 0;
    unsigned runs = 1;
    std::string first_problem;
    /// Whether every accepted event arrived, once, unchanged, signed and in order.
    bool is_sound() const;
};
BOOST_DESCRIBE_STRUCT(
    Figures,
    (),
    (scenario,
     events_per_second,
     cpu_us_per_event,
     tool_cpu_us_per_event,
     sync_and_hop_ms,
     p50_ms,
     p99_ms,
     p999_ms,
     acceptance_p99_ms,
     refusal_p99_ms,
     sent,
     accepted,
     refused,
     unanswered,
     delivered,
     lost,
     duplicated,
     out_of_order,
     unexpected,
     damaged,
     signatures_checked,
     signatures_wrong,
     reconnects,
     drain_seconds,
     resident_peak_mb,
     stolen_percent,
     runs,
     first_problem))

/// One run. A scenario whose receiver calibrates needs no subject: generator and receiver face each other.
Figures run(const Scenario& scenario, const Subject& subject);
/// Medians of the measures and sums of the counts; `runs` is not empty.
Figures combine(const std::vector<Figures>& runs);

}  // namespace fc::bench
