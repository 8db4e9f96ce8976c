#include "runtime/clock.h"

#include <algorithm>
#include <ctime>

namespace fc {
namespace {

#if defined(CLOCK_BOOTTIME)
constexpr clockid_t boot_clock = CLOCK_BOOTTIME;
#else
constexpr clockid_t boot_clock = CLOCK_MONOTONIC;  // macOS: this one counts suspended time there
#endif

Millis since_boot() {
    timespec time{};
    clock_gettime(boot_clock, &time);
    return std::chrono::duration_cast<Millis>(seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

}  // namespace

SystemClock::SystemClock() : at_start_(wall()), boot_at_start_(since_boot()) {}

TimePoint SystemClock::now() const {
    return at_start_ + (since_boot() - boot_at_start_);
}

void SystemClock::go_on_from(TimePoint latest) {
    at_start_ += std::max(Millis{0}, latest - now());
}

TimePoint SystemClock::wall() const {
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

}  // namespace fc
