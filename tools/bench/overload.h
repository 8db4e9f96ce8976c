#pragma once

#include "bench/scenario.h"
#include "bench/server_process.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace fc::bench {

/// One server, three loads: what it sustains, ten times that, and 1,000 events/s once the backlog is gone.
struct Overload {
    Figures sustained;
    double seconds = 0;  ///< of the overload
    Figures overload;    ///< its drain is the time from the end of the load until the backlog was gone
    /// From then on until a second of 1,000 events/s kept its bar; the p99 of that second, or of the last.
    double recovery_seconds = 0;
    Figures recovered;
};
BOOST_DESCRIBE_STRUCT(Overload, (), (sustained, seconds, overload, recovery_seconds, recovered))

/// On a server started for it. `batch`: events in a request; `quick`: 10 s of overload instead of 60.
Overload run_overload(const ServerOptions& server, unsigned batch, bool quick);

/// What an overload may cost: nothing of what was accepted, and time within these bounds.
struct OverloadBar {
    double acceptance_p99_ms_max = 1'000;
    double recovery_seconds_max = 5;
    double recovered_p99_ms_max = 10;
    double resident_peak_mb_max = 512;
};
/// A line for each promise that was broken.
std::vector<std::string> broken_by_overload(const Overload& run, const OverloadBar& bar = {});

void print_overload(std::ostream& out, const Overload& run);
void write_overloads(const std::string& path, const std::vector<Overload>& runs);

}  // namespace fc::bench
