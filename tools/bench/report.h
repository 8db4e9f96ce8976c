#pragma once

#include "bench/machine.h"
#include "bench/scenario.h"

#include <boost/describe/class.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace fc::bench {

/// The product with nothing to do.
struct Rest {
    double start_to_ready_ms = 0;  ///< median of all starts, each on an empty store
    unsigned starts = 0;
    double idle_cpu_percent = 0;  ///< of one core
    double idle_resident_mb = 0;
};
BOOST_DESCRIBE_STRUCT(Rest, (), (start_to_ready_ms, starts, idle_cpu_percent, idle_resident_mb))

/// All that `--json` writes; the table shows a part of it.
struct Report {
    Machine machine;
    std::vector<Figures> scenarios;
    std::optional<Rest> rest;
};
BOOST_DESCRIBE_STRUCT(Report, (), (machine, scenarios, rest))

using Row = std::vector<std::string>;
std::string number(double value, int decimals);
Row table_head();
Row row_of(const Figures& run);
/// The first column to the left, the others to the right.
void print_rows(std::ostream& out, const std::vector<Row>& rows);

void print_machine(std::ostream& out, const Machine& machine);
void print_table(std::ostream& out, const std::vector<Figures>& scenarios);
void print_rest(std::ostream& out, const Rest& rest);
/// One line for each promise that was broken; nothing when all were kept.
void print_faults(std::ostream& out, const std::vector<Figures>& scenarios);
/// Throws std::runtime_error when the file cannot be written.
void write_file(const std::string& path, const std::string& text);

}  // namespace fc::bench
