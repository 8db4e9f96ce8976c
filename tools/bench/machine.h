#pragma once

#include "bench/histogram.h"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>

namespace fc::bench {

/// What the figures depend on and a reader must know.
struct Machine {
    std::string cpu;
    unsigned cores = 0;
    std::string kernel;
    std::string file_system;         ///< of the data directory
    double fdatasync_median_us = 0;  ///< of 4 KiB appended to a file there
    double hash_64k_us = 0;          ///< SHA-256 of 64 KiB, median: how fast a core is
    std::string build;               ///< of this tool: "optimised" or "debug"
};
BOOST_DESCRIBE_STRUCT(Machine, (), (cpu, cores, kernel, file_system, fdatasync_median_us, hash_64k_us, build))

/// Of 4 KiB appended to a file in `directory`, which is removed. Throws std::system_error.
double fdatasync_median_us(const std::filesystem::path& directory);
/// Appends to a file in `data_directory` and removes it.
Machine describe_machine(const std::filesystem::path& data_directory);

/// CPU time and memory of a process of ours. Throws std::system_error when it has gone.
Nanos cpu_time_of(pid_t pid);
struct Memory {
    double resident_mb = 0;
    double resident_peak_mb = 0;
};
Memory memory_of(pid_t pid);

/// Time of all processors since the start of the machine, in ticks.
struct ProcessorTicks {
    std::uint64_t all = 0;
    std::uint64_t stolen = 0;  ///< by the host of a virtual machine
};
ProcessorTicks processor_ticks();
double stolen_percent(const ProcessorTicks& begin, const ProcessorTicks& end);

}  // namespace fc::bench
