#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fc {

using Millis = std::chrono::milliseconds;
using std::chrono::seconds;

/// A moment, in UTC milliseconds since 1970: what is stored and shown.
using TimePoint = std::chrono::sys_time<Millis>;

inline std::int64_t to_unix_millis(TimePoint time) {
    return time.time_since_epoch().count();
}
inline TimePoint from_unix_millis(std::int64_t millis) {
    return TimePoint{Millis{millis}};
}

/// "2026-01-31T10:20:30.123Z": UTC, RFC 3339, always three decimals.
std::string to_rfc3339(TimePoint time);
/// Any RFC 3339 date-time with offset; more than three decimals are cut. nullopt when malformed.
std::optional<TimePoint> from_rfc3339(std::string_view text);

/// Time as the product sees it. Waits and ages are measured on `now()`: the wall clock at start, advanced by
/// CLOCK_BOOTTIME, so a step of the wall clock moves no deadline. `wall()` is only for what is displayed or
/// signed.
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    virtual TimePoint wall() const = 0;
};

/// A clock that a test moves by hand.
class ManualClock : public Clock {
public:
    explicit ManualClock(TimePoint start = from_unix_millis(1'800'000'000'000)) : now_(start) {}
    TimePoint now() const override { return now_; }
    TimePoint wall() const override { return now_; }
    void advance(Millis by) { now_ += by; }

private:
    TimePoint now_;
};

}  // namespace fc
