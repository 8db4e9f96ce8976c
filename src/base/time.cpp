#include "base/time.h"

#include <array>
#include <cstdio>

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

}  // namespace

std::string to_rfc3339(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss<Millis> clock{time - day};
    std::array<char, 40> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
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
    return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
           std::chrono::minutes{minute - *offset} + std::chrono::seconds{second} + Millis{fraction->millis};
}

}  // namespace fc
