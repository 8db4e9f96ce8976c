#pragma once

#include "base/time.h"

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fc::http {

enum class BreakerState { closed, open, half_open };

/// What a breaker shows: the last 60 s, and what it turned away since it was made.
struct BreakerStats {
    BreakerState state = BreakerState::closed;
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::uint64_t rejected = 0;
    std::uint64_t trips = 0;
};

/// Keeps requests away from one target that fails. Opens when the last 60 s hold at least 10 answers of which
/// half or more failed; stays open 5 s, twice as long after each failed probe, at most 60 s; then lets a few
/// probes through and closes after three successes in a row. A failure is a transport error, a timeout, 5xx
/// or 429: a target that answers another 4xx is alive (`counts_as_failure`).
class CircuitBreaker {
public:
    static constexpr std::uint32_t requests_min = 10;
    static constexpr std::uint32_t probes_max = 3;
    static constexpr std::uint32_t successes_to_close = 3;
    static constexpr Millis open_first{5'000};
    static constexpr Millis open_max{60'000};
    static constexpr Millis probe_wait{100};

    /// Says under which state a request was let through: an answer to one from before a change decides
    /// nothing.
    struct Admission {
        std::uint32_t epoch = 0;
    };

    /// nullopt: not now, ask again at `retry_at`. Each admission ends in exactly one `record` or `abandon`.
    std::optional<Admission> admit(TimePoint now);
    void record(Admission admission, bool success, TimePoint now);
    /// The request ended without telling anything about the target (cancelled, not sent).
    void abandon(Admission admission);
    /// The earliest moment at which `admit` may say yes.
    TimePoint retry_at(TimePoint now) const;
    /// Closed and empty again, by request of an operator.
    void reset();
    BreakerState state() const { return state_; }
    BreakerStats stats(TimePoint now) const;

private:
    static constexpr std::int64_t slot_millis = 5'000;
    static constexpr std::int64_t slot_count = 12;
    struct Slot {
        std::int64_t number = -1;
        std::uint32_t successes = 0;
        std::uint32_t failures = 0;
    };

    void change_to(BreakerState state);
    void open(Millis length, TimePoint now);
    Slot& slot(TimePoint now);
    void count(bool success, TimePoint now);

    BreakerState state_ = BreakerState::closed;
    std::uint32_t epoch_ = 0;
    std::uint32_t probes_in_flight_ = 0;
    std::uint32_t successes_in_a_row_ = 0;
    Millis open_length_{0};
    TimePoint open_until_{};
    TimePoint last_probe_at_{};
    std::uint64_t rejected_ = 0;
    std::uint64_t trips_ = 0;
    std::array<Slot, slot_count> slots_{};
};

/// Whether an answer speaks against its target. `status` 0: no answer (transport error or timeout).
constexpr bool counts_as_failure(int status) {
    return status == 0 || status == 429 || status >= 500;
}

/// One breaker a target; the least recently used leaves when there are `targets_max`.
class BreakerRegistry {
public:
    static constexpr std::size_t targets_max_default = 10'000;

    explicit BreakerRegistry(std::size_t targets_max = targets_max_default) : targets_max_(targets_max) {}

    /// The breaker of `target`, made when it is new. Valid until the next call: another target may push it
    /// out.
    CircuitBreaker& at(std::string_view target);
    const CircuitBreaker* find(std::string_view target) const;
    /// False when there is none by that name.
    bool reset(std::string_view target);
    void reset_all();
    std::size_t size() const { return recent_.size(); }
    /// Open and half-open ones.
    std::size_t not_closed() const;
    std::vector<std::pair<std::string, BreakerStats>> stats(TimePoint now) const;

private:
    struct Entry {
        std::string target;
        CircuitBreaker breaker;
    };
    std::size_t targets_max_;
    std::list<Entry> recent_;
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_target_;
};

}  // namespace fc::http
