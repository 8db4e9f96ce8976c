#pragma once

#include "bench/report.h"
#include "bench/server_process.h"

#include <optional>
#include <string>
#include <vector>

namespace fc::bench {

/// Where the scenarios run: on a server that the suite starts for each run anew, or on one that is there.
struct SuiteOptions {
    std::optional<ServerOptions> own_server;
    Subject subject;  ///< without an own server
    MakePointers make_pointers;
    bool quick = false;
    std::string only;  ///< scenarios whose name contains this; "": all
};

/// The scenarios of `make bench`, calibration first.
std::vector<Scenario> standard_scenarios(bool quick);
/// Runs each scenario as often as it asks for, in rounds through all of them: the runs of
/// one are minutes apart, and a slow minute of the machine falls on one of them at most. Adds each start of
/// an own server to `starts`.
std::vector<Figures> run_in_rounds(
    const std::vector<Scenario>& scenarios, const SuiteOptions& options, std::vector<Nanos>& starts);
/// All scenarios, then the server at rest when it is our own. Throws std::runtime_error when `only` fits
/// none.
Report run_suite(const SuiteOptions& options, const Machine& machine);

}  // namespace fc::bench
