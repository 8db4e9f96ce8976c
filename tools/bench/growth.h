#pragma once

#include "bench/growth_report.h"
#include "bench/server_process.h"
#include "bench/surroundings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace fc::bench {

struct GrowthOptions {
    ServerOptions server;
    std::filesystem::path finished;  ///< folder of a data set of tools/dataset; "": none
    bool quick = false;              ///< a tenth of everything, once
    std::string only;                ///< curves whose name contains this; "": all
};

/// One point of a curve.
struct GrowthPoint {
    std::string curve;
    std::string at{};
    Scenario scenario{};
    Surroundings surroundings{};
    bool on_finished = false;  ///< runs on the data set
};
std::vector<GrowthPoint> growth_points(const GrowthOptions& options);
GrowthReport run_growth(const GrowthOptions& options, const Machine& machine);

}  // namespace fc::bench
