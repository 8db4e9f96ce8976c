#include "bench/report.h"

#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace fc::bench {
namespace {

std::string number_or_dash(const std::optional<double>& value, int decimals) {
    return value ? number(*value, decimals) : "-";
}

}  // namespace

std::string number(double value, int decimals) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(decimals) << value;
    return out.str();
}

Row table_head() {
    return {
        "scenario",
        "events/s",
        "CPU us/event",
        "tool us",
        "p50 ms",
        "p99 ms",
        "lost",
        "dup",
        "disorder",
        "refused",
        "RSS MB",
        "steal %"};
}

Row row_of(const Figures& run) {
    return {
        run.scenario,
        number(run.events_per_second, 0),
        number_or_dash(run.cpu_us_per_event, 0),
        number(run.tool_cpu_us_per_event, 0),
        number(run.p50_ms, 2),
        number(run.p99_ms, 2),
        std::to_string(run.lost),
        std::to_string(run.duplicated),
        std::to_string(run.out_of_order),
        std::to_string(run.refused),
        number_or_dash(run.resident_peak_mb, 0),
        number(run.stolen_percent, 1)};
}

void print_rows(std::ostream& out, const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], row[column].size());
        }
    }
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            out << (column == 0 ? "" : "  ") << std::setw(static_cast<int>(widths[column]))
                << (column == 0 ? std::left : std::right) << row[column];
        }
        out << '\n';
    }
}

void print_machine(std::ostream& out, const Machine& machine) {
    out << "CPU " << machine.cpu << ", " << machine.cores << " cores; kernel " << machine.kernel
        << "; data on " << machine.file_system << ", fdatasync of 4 KiB appended: median "
        << number(machine.fdatasync_median_us, 0)
        << " us; SHA-256 of 64 KiB: " << number(machine.hash_64k_us, 0)
        << " us; tool build: " << machine.build << "\n\n";
}

void print_table(std::ostream& out, const std::vector<Figures>& scenarios) {
    std::vector<Row> rows{table_head()};
    for (const auto& run : scenarios) rows.push_back(row_of(run));
    print_rows(out, rows);
    out << "CPU: the server's processes; tool: generator and receiver. Saturated runs: p50 and p99 show the "
           "length\n"
           "of the queue that the window allows, not latency. Ungrouped events have no order.\n";
}

void print_rest(std::ostream& out, const Rest& rest) {
    out << "start to ready, empty store: " << number(rest.start_to_ready_ms, 0) << " ms (median of "
        << rest.starts << "); idle: " << number(rest.idle_cpu_percent, 2) << " % of a core, "
        << number(rest.idle_resident_mb, 0) << " MB resident\n";
}

void print_faults(std::ostream& out, const std::vector<Figures>& scenarios) {
    for (const auto& run : scenarios) {
        if (!run.is_sound()) {
            out << "FAULT " << run.scenario << ": delivered " << run.delivered << " of " << run.accepted
                << " accepted, lost " << run.lost << ", duplicated " << run.duplicated << ", out of order "
                << run.out_of_order << ", unexpected " << run.unexpected << ", damaged " << run.damaged
                << ", wrong signatures " << run.signatures_wrong << '\n';
        }
        if (run.unanswered > 0) {
            out << "NOTE " << run.scenario << ": " << run.unanswered << " events without an answer, "
                << run.reconnects << " connections closed by the server\n";
        }
        if (!run.first_problem.empty())
            out << "NOTE " << run.scenario << ": answer " << run.first_problem << '\n';
    }
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file{path};
    file << text << '\n';
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace fc::bench
