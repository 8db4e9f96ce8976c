#include "base/time.h"

#include <cstdint>

namespace fc {
namespace {

/// Reads exactly `count` digits at `at`; -1 when there are fewer.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

constexpr TimePoint first_time = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr TimePoint end_of_time = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

struct Fraction {
    int millis = 0;
    std::size_t end = 0;
};

std::optional<Fraction> read_fraction(std::string_view text, std::size_t at) {
    if (at >= text.size() || text[at] != '.') return Fraction{0, at};
    auto end = at + 1;
    int millis = 0;
    int scale = 100;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
        millis += (text[end] - '0') * scale;
        scale /= 10;
        ++end;
    }
    if (end == at + 1) return std::nullopt;
    return Fraction{millis, end};
}

/// Minutes east of UTC for "Z" or "+hh:mm"; nullopt when malformed or followed by anything.
std::optional<int> read_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    const int hours = digits(text, 1, 2);
    const int minutes = digits(text, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

/// Each event and attempt writes several times: snprintf took three times as long.
void write_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t value) {
    for (auto place = at + count; place > at; value /= 10)
        text[--place] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string to_rfc3339(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss<Millis> clock{time - day};
    std::string text = "0000-00-00T00:00:00.000Z";
    write_digits(text, 0, 4, static_cast<int>(date.year()));
    write_digits(text, 5, 2, static_cast<unsigned>(date.month()));
    write_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    write_digits(text, 11, 2, clock.hours().count());
    write_digits(text, 14, 2, clock.minutes().count());
    write_digits(text, 17, 2, clock.seconds().count());
    write_digits(text, 20, 3, clock.subseconds().count());
    return text;
}

std::optional<TimePoint> from_rfc3339(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{digits(text, 0, 4)},
        std::chrono::month{static_cast<unsigned>(digits(text, 5, 2))},
        std::chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    if (!date.ok() || digits(text, 0, 4) < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return std::nullopt;
    if (second < 0 || second > 60) return std::nullopt;
    const auto fraction = read_fraction(text, 19);
    if (!fraction) return std::nullopt;
    const auto offset = read_offset(text.substr(fraction->end));
    if (!offset) return std::nullopt;
    const auto time = TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
                      std::chrono::minutes{minute - *offset} + std::chrono::seconds{second} +
                      Millis{fraction->millis};
    // At the ends of the calendar the offset may lead to a year that has no text.
    if (time < first_time || time >= end_of_time) return std::nullopt;
    return time;
}

}  // namespace fc
