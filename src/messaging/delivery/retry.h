#pragma once

#include "base/error.h"
#include "base/time.h"
#include "codec/traits.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

/// Which waits lie between the attempts of a job (design 3.2): a subscription's or a job's `retryStrategy`.
class RetryStrategy {
public:
    static constexpr std::size_t delays_max = 100;
    static constexpr Millis wait_max{3'600'000};    ///< of the computed waits
    static constexpr Millis delay_max{86'400'000};  ///< of a delay in a list

    /// The default: 1 s, 2 s, then 5 s doubling to an hour.
    RetryStrategy() = default;
    /// Attempt n is followed by n seconds, at most an hour.
    static RetryStrategy linear();
    /// 1 s doubling to an hour.
    static RetryStrategy exponential();
    /// "linear" or "exponential" in any case, a JSON array of seconds ("[0.5, 2]"), the same without
    /// brackets, or "" for the default. The last delay of a list is used again and again.
    static Result<RetryStrategy> parse(std::string_view text);
    /// What `parse` reads back.
    std::string text() const;

    /// The wait after the attempt of that number (from 1), without jitter; never zero.
    Millis wait_after(int attempt) const;
    bool is_default() const { return kind_ == Kind::standard; }
    bool operator==(const RetryStrategy&) const = default;

private:
    enum class Kind { standard, linear, exponential, list };
    Kind kind_ = Kind::standard;
    std::vector<Millis> delays_;
};

/// What ends the retries of a job.
struct RetryPolicy {
    RetryStrategy strategy;
    std::optional<int> attempts_max;  ///< `maxRetries`: attempts in all; nullopt: only age ends the job
    Millis age_max{86'400'000};
};

/// Where a job stands after an attempt that failed.
struct RetryState {
    int attempts = 1;        ///< that count: all but those answered "not yet"
    Millis age{};            ///< `unheld_age`
    Millis retry_after{};    ///< what the target asked for, or zero
    std::uint64_t random{};  ///< for the jitter: `random_u64()`, or from a seed
};

struct RetryDecision {
    enum class Kind { retry, exhausted, expired };
    Kind kind = Kind::retry;
    Millis wait{};  ///< for `retry`; ends when the job expires, if that is sooner
};

/// Whether and when there is another attempt. Jitter only adds, at most a tenth; `retry_after` only
/// lengthens.
RetryDecision decide_retry(const RetryPolicy& policy, const RetryState& state);

/// True when the job's time is over: it ends in ERROR, reason `expired`.
bool is_expired(const RetryPolicy& policy, Millis age);

/// No target may keep a job waiting for longer.
constexpr Millis retry_after_max{12 * 3'600'000};

/// Wait asked for by a `Retry-After` header; nullopt when malformed, at most `retry_after_max`. Seconds and
/// the three date forms of RFC 9110 sections 10.2.3 and 5.6.7; a date that has passed is zero.
std::optional<Millis> parse_retry_after(std::string_view value, TimePoint wall);

}  // namespace fc::messaging

/// In JSON: a string, or an array of seconds.
template <>
struct fc::codec::Traits<fc::messaging::RetryStrategy> {
    static constexpr std::string_view schema =
        R"({"oneOf":[{"type":"string"},)"
        R"({"type":"array","maxItems":100,"items":{"type":"number","minimum":0}}]})";

    static void read(JsonValue in, fc::messaging::RetryStrategy& out, const Place& at);
    static void write(JsonWriter& out, const fc::messaging::RetryStrategy& value);
    static Fault parse(std::string_view text, fc::messaging::RetryStrategy& out);
    static std::string text(const fc::messaging::RetryStrategy& value) { return value.text(); }
    static bool is_absent(const fc::messaging::RetryStrategy& value) { return value.is_default(); }
};
