#include "messaging/delivery/retry.h"

#include "codec/json_document.h"
#include "codec/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace fc::messaging {
namespace {

constexpr Millis wait_min{1};  // a wait of zero would be a loop
constexpr int jitter_parts = 10;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

Error refused(std::string_view why) {
    return invalid(
        "INVALID_RETRY_STRATEGY",
        "must be linear, exponential or a list of delays in seconds: " + std::string(why));
}

Result<Millis> parse_delay(std::string_view text) {
    double seconds = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, seconds);
    const double seconds_max = static_cast<double>(RetryStrategy::delay_max.count()) / 1000;
    if (parsed.ec != std::errc{} || parsed.ptr != end) return refused("a delay is no number");
    if (!(seconds >= 0 && seconds <= seconds_max)) return refused("a delay is from 0 to 86400");
    return std::max(wait_min, Millis{std::llround(seconds * 1000)});
}

/// `first` doubled `times` times, at most an hour.
Millis doubled(Millis first, int times) {
    constexpr int times_max = 12;  // 1 s doubled so often is beyond the hour
    return std::min(first * (1 << std::clamp(times, 0, times_max)), RetryStrategy::wait_max);
}

/// The number at `text[at..at+digits)`; nullopt when it is none.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    unsigned number = 0;
    const auto part = text.substr(at, digits);
    if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    for (const char digit : part) number = number * 10 + static_cast<unsigned>(digit - '0');
    return number;
}

std::optional<unsigned> month_number(std::string_view name) {
    static constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto at = name.size() == 3 ? names.find(name) : std::string_view::npos;
    if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
    return static_cast<unsigned>(at / 3 + 1);
}

struct DateParts {
    std::optional<unsigned> year;
    std::optional<unsigned> month;
    std::optional<unsigned> day;
    std::string_view time;  // "08:49:37"
};

std::optional<TimePoint> to_time(const DateParts& parts) {
    if (parts.time.size() != 8 || parts.time[2] != ':' || parts.time[5] != ':') return std::nullopt;
    const auto hour = number_at(parts.time, 0, 2);
    const auto minute = number_at(parts.time, 3, 2);
    const auto second = number_at(parts.time, 6, 2);
    if (!parts.year || !parts.month || !parts.day || !hour || !minute || !second) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{
        std::chrono::year(static_cast<int>(*parts.year)),
        std::chrono::month(*parts.month),
        std::chrono::day(*parts.day)};
    if (!date.ok()) return std::nullopt;
    return TimePoint{sys_days(date)} + hours(*hour) + minutes(*minute) + std::chrono::seconds(*second);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<TimePoint> parse_imf_fixdate(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
    return to_time(
        {number_at(text, 12, 4), month_number(text.substr(8, 3)), number_at(text, 5, 2), text.substr(17, 8)});
}

/// "Sunday, 06-Nov-94 08:49:37 GMT"; the year is the one within 50 years of now.
std::optional<TimePoint> parse_rfc850_date(std::string_view text, TimePoint wall) {
    const auto comma = text.find(", ");
    if (comma == std::string_view::npos || !text.ends_with(" GMT")) return std::nullopt;
    const auto rest = text.substr(comma + 2);
    if (rest.size() != 22 || rest[2] != '-' || rest[6] != '-' || rest[9] != ' ') return std::nullopt;
    auto year = number_at(rest, 7, 2);
    if (!year) return std::nullopt;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(wall)};
    const auto this_year = static_cast<unsigned>(static_cast<int>(today.year()));
    *year += this_year - this_year % 100;
    if (*year > this_year + 50) *year -= 100;
    return to_time({year, month_number(rest.substr(3, 3)), number_at(rest, 0, 2), rest.substr(10, 8)});
}

/// "Sun Nov  6 08:49:37 1994"
std::optional<TimePoint> parse_asctime(std::string_view text) {
    if (text.size() != 24 || text[3] != ' ' || text[7] != ' ') return std::nullopt;
    const auto day = text[8] == ' ' ? number_at(text, 9, 1) : number_at(text, 8, 2);
    return to_time({number_at(text, 20, 4), month_number(text.substr(4, 3)), day, text.substr(11, 8)});
}

}  // namespace

RetryStrategy RetryStrategy::linear() {
    RetryStrategy strategy;
    strategy.kind_ = Kind::linear;
    return strategy;
}

RetryStrategy RetryStrategy::exponential() {
    RetryStrategy strategy;
    strategy.kind_ = Kind::exponential;
    return strategy;
}

Result<RetryStrategy> RetryStrategy::parse(std::string_view text) {
    text = codec::trim(text);
    if (text.empty()) return RetryStrategy{};
    const auto name = lower_case(text);
    if (name == "linear") return linear();
    if (name == "exponential") return exponential();
    const bool has_brackets = text.starts_with('[') && text.ends_with(']') && text.size() > 1;
    if (has_brackets) text = codec::trim(text.substr(1, text.size() - 2));
    if (text.empty()) return refused("the list is empty");
    RetryStrategy strategy;
    strategy.kind_ = Kind::list;
    for (bool more = true; more;) {
        const auto comma = text.find(',');
        const auto delay = parse_delay(codec::trim(text.substr(0, comma)));
        if (!delay) return delay.error();
        if (strategy.delays_.size() == delays_max) return refused("at most 100 delays");
        strategy.delays_.push_back(*delay);
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);
    }
    return strategy;
}

std::string RetryStrategy::text() const {
    switch (kind_) {
        case Kind::standard: return "";
        case Kind::linear: return "linear";
        case Kind::exponential: return "exponential";
        case Kind::list: break;
    }
    std::string list;
    for (const auto delay : delays_) {
        std::array<char, 32> digits;
        const auto seconds = static_cast<double>(delay.count()) / 1000;
        const auto written =
            std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed);
        list += list.empty() ? '[' : ',';
        list.append(digits.data(), written.ptr);
    }
    return list + "]";
}

Millis RetryStrategy::wait_after(int attempt) const {
    attempt = std::max(attempt, 1);
    switch (kind_) {
        case Kind::linear: return std::min(Millis{1000} * attempt, wait_max);
        case Kind::exponential: return doubled(Millis{1000}, attempt - 1);
        case Kind::list: return delays_[std::min(static_cast<std::size_t>(attempt), delays_.size()) - 1];
        case Kind::standard: break;
    }
    // The first round is the one the seed promises: three attempts, attempt x 1 s apart.
    if (attempt <= 2) return Millis{1000} * attempt;
    return doubled(Millis{5000}, attempt - 3);
}

RetryDecision decide_retry(const RetryPolicy& policy, const RetryState& state) {
    if (policy.attempts_max && state.attempts >= *policy.attempts_max) {
        return {.kind = RetryDecision::Kind::exhausted};
    }
    if (is_expired(policy, state.age)) return {.kind = RetryDecision::Kind::expired};
    const auto scheduled = policy.strategy.wait_after(state.attempts);
    const auto jitter_max = static_cast<std::uint64_t>(scheduled.count() / jitter_parts);
    const auto with_jitter = scheduled + Millis{static_cast<std::int64_t>(state.random % (jitter_max + 1))};
    const auto asked = std::min(state.retry_after, retry_after_max);
    return {
        .kind = RetryDecision::Kind::retry,
        .wait = std::min(std::max(with_jitter, asked), policy.age_max - state.age)};
}

bool is_expired(const RetryPolicy& policy, Millis age) {
    return age >= policy.age_max;
}

std::optional<Millis> parse_retry_after(std::string_view value, TimePoint wall) {
    value = codec::trim(value);
    if (!value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
        constexpr std::size_t digits_max = 9;
        if (value.size() > digits_max) return retry_after_max;
        return std::min(Millis{std::int64_t{1000} * *number_at(value, 0, value.size())}, retry_after_max);
    }
    auto date = parse_imf_fixdate(value);
    if (!date) date = parse_rfc850_date(value, wall);
    if (!date) date = parse_asctime(value);
    if (!date) return std::nullopt;
    return std::clamp(*date - wall, Millis{0}, retry_after_max);
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::RetryStrategy;

void Traits<RetryStrategy>::read(JsonValue in, RetryStrategy& out, const Place& at) {
    if (!in.is_string() && !in.is_array()) return at.fail("must be a string or an array of numbers");
    std::string scratch;
    if (auto fault = parse(in.is_string() ? in.text(scratch) : in.raw(), out)) at.fail(std::move(*fault));
}

void Traits<RetryStrategy>::write(JsonWriter& out, const RetryStrategy& value) {
    const auto text = value.text();
    if (text.starts_with('[')) {
        out.raw(text);
    } else {
        out.text(text);
    }
}

Fault Traits<RetryStrategy>::parse(std::string_view text, RetryStrategy& out) {
    auto strategy = RetryStrategy::parse(text);
    if (!strategy) return strategy.error().detail;
    out = std::move(*strategy);
    return std::nullopt;
}

}  // namespace fc::codec
