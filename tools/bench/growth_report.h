#pragma once

#include "bench/report.h"

#include <boost/describe/class.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace fc::bench {

/// What one point of a curve showed.
struct GrowthRow {
    std::string curve;
    std::string at;
    Figures figures;
    double start_to_ready_ms = 0;  ///< on what the runs left behind
    double start_resident_mb = 0;
};
BOOST_DESCRIBE_STRUCT(GrowthRow, (), (curve, at, figures, start_to_ready_ms, start_resident_mb))

struct GrowthReport {
    Machine machine;
    std::vector<GrowthRow> rows;
};
BOOST_DESCRIBE_STRUCT(GrowthReport, (), (machine, rows))

void print_growth(std::ostream& out, const GrowthReport& report);
/// One line for each figure that grows faster than the work does: points and bases that were not run are
/// left out.
std::vector<std::string> outgrown(const GrowthReport& report);

}  // namespace fc::bench
