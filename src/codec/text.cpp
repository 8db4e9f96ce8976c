#include "codec/text.h"

#include <cmath>
#include <limits>

namespace fc::codec {
namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_any_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};
constexpr std::int64_t second = 1'000'000'000;
// Longer names first: "ms" is not "m".
constexpr std::array<Unit, 9> units{
    {{"ns", 1},
     {"us", 1'000},
     {"µs", 1'000},
     {"μs", 1'000},
     {"ms", 1'000'000},
     {"d", 86'400 * second},
     {"h", 3'600 * second},
     {"m", 60 * second},
     {"s", second}}};

const Unit* leading_unit(std::string_view text) {
    for (const auto& unit : units) {
        if (text.starts_with(unit.name)) return &unit;
    }
    return nullptr;
}

/// Takes "1.5h" off the front of `text`; nullopt when malformed or too long for 64 bits of nanoseconds.
std::optional<std::int64_t> take_duration_part(std::string_view& text) {
    const auto digits = text.substr(0, text.find_first_not_of("0123456789."));
    if (digits.empty() || digits == ".") return std::nullopt;
    const auto dot = digits.find('.');
    if (dot != std::string_view::npos && digits.find('.', dot + 1) != std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(digits.size());
    const auto* unit = leading_unit(text);
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());

    std::int64_t whole = 0;
    const auto whole_digits = digits.substr(0, dot);
    if (!whole_digits.empty() && parse_integer(whole_digits, whole)) return std::nullopt;
    std::int64_t total = 0;
    if (__builtin_mul_overflow(whole, unit->nanoseconds, &total)) return std::nullopt;
    std::int64_t scale = unit->nanoseconds;
    for (std::size_t i = dot; dot != std::string_view::npos && i + 1 < digits.size() && scale > 1; ++i) {
        scale /= 10;
        if (__builtin_add_overflow(total, (digits[i + 1] - '0') * scale, &total)) return std::nullopt;
    }
    return total;
}

}  // namespace

Fault parse_bool(std::string_view text, bool& out) {
    for (const std::string_view word : {"true", "t", "yes", "on", "1"}) {
        if (equal_any_case(text, word)) return out = true, std::nullopt;
    }
    for (const std::string_view word : {"false", "f", "no", "off", "0"}) {
        if (equal_any_case(text, word)) return out = false, std::nullopt;
    }
    return "must be true or false";
}

Fault parse_double(std::string_view text, double& out) {
    double value = 0;
    const char* const first = text.data();
    const char* const end = first + text.size();
    const auto read = std::from_chars(first, end, value);
    if (read.ptr != end || text.empty() || (read.ec == std::errc{} && !std::isfinite(value)))
        return "must be a number";
    if (read.ec != std::errc{}) return "is a number too large or too small to keep";
    out = value;
    return std::nullopt;
}

Fault parse_duration(std::string_view text, std::chrono::nanoseconds& out) {
    constexpr auto fault = "must be a duration as in 30s, 250ms, 1h30m or 90d";
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return out = std::chrono::nanoseconds{0}, std::nullopt;
    if (text.empty()) return fault;
    std::int64_t total = 0;
    while (!text.empty()) {
        const auto part = take_duration_part(text);
        if (!part || __builtin_add_overflow(total, *part, &total)) return fault;
    }
    out = std::chrono::nanoseconds{is_negative ? -total : total};
    return std::nullopt;
}

std::string to_duration_text(std::chrono::nanoseconds duration) {
    if (duration.count() == 0) return "0s";
    std::string text = duration.count() < 0 ? "-" : "";
    auto rest = duration.count() < 0 ? 0 - static_cast<std::uint64_t>(duration.count())
                                     : static_cast<std::uint64_t>(duration.count());
    constexpr std::array<Unit, 7> shown{
        {{"d", 86'400 * second},
         {"h", 3'600 * second},
         {"m", 60 * second},
         {"s", second},
         {"ms", 1'000'000},
         {"us", 1'000},
         {"ns", 1}}};
    for (const auto& unit : shown) {
        const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
        if (rest >= size) text += std::to_string(rest / size) + std::string{unit.name};
        rest %= size;
    }
    return text;
}

std::string integer_fault(bool is_integer, std::string minimum, std::string maximum) {
    if (!is_integer) return "must be an integer";
    return "must be from " + minimum + " to " + maximum;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> elements;
    while (true) {
        const auto comma = text.find(',');
        const auto element = trim(text.substr(0, comma));
        if (!element.empty()) elements.push_back(element);
        if (comma == std::string_view::npos) return elements;
        text.remove_prefix(comma + 1);
    }
}

std::size_t find_enumerator(std::span<const FixedText> names, std::string_view text) {
    std::size_t at = 0;
    while (at < names.size() && !equal_any_case(names[at].view(), text)) ++at;
    return at;
}

std::string enumerator_fault(std::span<const FixedText> names) {
    std::string fault = "must be one of ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) fault += ", ";
        fault += names[i].view();
    }
    return fault;
}

}  // namespace fc::codec
