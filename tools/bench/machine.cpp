#include "bench/machine.h"

#include "base/encoding.h"
#include "bench/event_loop.h"
#include "bench/socket.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string_view>
#include <sys/utsname.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fc::bench {
namespace {

constexpr int samples = 200;
constexpr std::size_t sync_bytes = 4096;

/// The rest of the first line that begins with `key`, behind its colon.
std::string value_of(const std::filesystem::path& path, std::string_view key) {
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        if (!line.starts_with(key) || colon == std::string::npos) continue;
        const auto begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? std::string{} : line.substr(begin);
    }
    return {};
}

std::string file_system_of(const std::filesystem::path& directory) {
    const auto path = std::filesystem::canonical(directory).string();
    std::ifstream mounts{"/proc/self/mounts"};
    std::string best_point;
    std::string best = "unknown";
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields{line};
        std::string device;
        std::string point;
        std::string type;
        fields >> device >> point >> type;
        const bool holds = point == "/" || (path.starts_with(point) &&
                                            (path.size() == point.size() || path[point.size()] == '/'));
        if (holds && point.size() >= best_point.size()) {
            best_point = point;
            best = std::move(type.append(" on ").append(device));
        }
    }
    return best;
}

/// How long `action` takes, in microseconds.
template <class Action>
double median_us(const Action& action) {
    std::vector<Nanos> times;
    for (int i = 0; i < samples; ++i) {
        const Nanos begin = steady_now();
        action();
        times.push_back(steady_now() - begin);
    }
    std::ranges::nth_element(times, times.begin() + samples / 2);
    return static_cast<double>(times[samples / 2].count()) / 1'000;
}

double hash_median_us() {
    constexpr std::size_t hashed_bytes = 64U << 10U;
    std::string text(hashed_bytes, 'x');
    return median_us([&] { text.front() = sha256(text).front(); });
}

}  // namespace

double fdatasync_median_us(const std::filesystem::path& directory) {
    const auto path = directory / "fc-bench-sync";
    const Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file.is_open()) throw std::system_error(errno, std::generic_category(), path.string());
    std::filesystem::remove(path);
    const std::string block(sync_bytes, 'x');
    return median_us([&] {
        if (write(file.number(), block.data(), block.size()) < 0 || fdatasync(file.number()) != 0) {
            throw std::system_error(errno, std::generic_category(), path.string());
        }
    });
}

Machine describe_machine(const std::filesystem::path& data_directory) {
    std::filesystem::create_directories(data_directory);
    Machine machine;
    machine.cpu = value_of("/proc/cpuinfo", "model name");
    machine.cores = std::thread::hardware_concurrency();
    utsname names{};
    uname(&names);
    machine.kernel = names.release;
    machine.file_system = file_system_of(data_directory);
    machine.fdatasync_median_us = fdatasync_median_us(data_directory);
    machine.hash_64k_us = hash_median_us();
#ifdef __OPTIMIZE__
    machine.build = "optimised";
#else
    machine.build = "debug";
#endif
    return machine;
}

Nanos cpu_time_of(pid_t pid) {
    clockid_t clock{};
    if (const int error = clock_getcpuclockid(pid, &clock); error != 0) {
        throw std::system_error(error, std::generic_category(), "CPU time of process " + std::to_string(pid));
    }
    timespec time{};
    if (clock_gettime(clock, &time) != 0) {
        throw std::system_error(errno, std::generic_category(), "CPU time of process " + std::to_string(pid));
    }
    return std::chrono::seconds{time.tv_sec} + Nanos{time.tv_nsec};
}

Memory memory_of(pid_t pid) {
    const auto status = std::filesystem::path{"/proc"} / std::to_string(pid) / "status";
    const auto megabytes = [&](std::string_view key) {
        double kibibytes = 0;
        std::istringstream{value_of(status, key)} >> kibibytes;
        return kibibytes / 1024;
    };
    return {megabytes("VmRSS"), megabytes("VmHWM")};
}

ProcessorTicks processor_ticks() {
    std::ifstream file{"/proc/stat"};
    std::string name;
    file >> name;
    ProcessorTicks ticks;
    // user nice system idle iowait irq softirq steal; guest times are contained in the first two.
    for (int column = 0; column < 8; ++column) {
        std::uint64_t value = 0;
        file >> value;
        ticks.all += value;
        if (column == 7) ticks.stolen = value;
    }
    return ticks;
}

double stolen_percent(const ProcessorTicks& begin, const ProcessorTicks& end) {
    if (end.all == begin.all) return 0;
    return 100.0 * static_cast<double>(end.stolen - begin.stolen) / static_cast<double>(end.all - begin.all);
}

}  // namespace fc::bench
