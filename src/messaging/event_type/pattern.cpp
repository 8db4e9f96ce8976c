#include "messaging/event_type/pattern.h"

namespace fc::messaging {
namespace {

constexpr std::size_t pattern_bytes_max = 255;

bool is_separator(char c) {
    return c == ':' || c == '.';
}

std::string_view without_separator(std::string_view segment) {
    if (!segment.empty() && is_separator(segment.front())) segment.remove_prefix(1);
    return segment;
}

bool is_literal(std::string_view text, bool is_first) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (text.empty() || (is_first && !is_letter_or_digit(text.front()))) return false;
    return std::ranges::all_of(text, [&](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

bool is_pattern(std::string_view text) {
    if (text.empty() || text.size() > pattern_bytes_max || is_separator(text.front())) return false;
    bool is_first = true;
    for (auto rest = text; !rest.empty(); is_first = false) {
        const auto segment = without_separator(take_segment(rest));
        const bool is_wildcard = segment == "*" || (segment == "**" && rest.empty());
        if (!is_wildcard && !is_literal(segment, is_first)) return false;
    }
    return true;
}

}  // namespace

std::string_view take_segment(std::string_view& rest) {
    const auto end = std::min(rest.find_first_of(":.", 1), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

Result<EventTypeCode> EventTypeCode::parse(std::string_view text) {
    if (!is_pattern(text) || text.find('*') != std::string_view::npos) {
        return invalid(
            "INVALID_EVENT_TYPE",
            "must be letters, digits, '-' and '_' in segments joined by '.' or ':', as in \"order.created\", "
            "at most 255 characters");
    }
    EventTypeCode code;
    code.text_ = text;
    return code;
}

Result<EventTypePattern> EventTypePattern::parse(std::string_view text) {
    if (!is_pattern(text)) {
        return invalid(
            "INVALID_EVENT_TYPE",
            "must be a code of at most 255 characters (letters, 0-9, '_', '-', separated by ':' or '.'), in "
            "which '*' stands for one segment and '**' at the end for the rest");
    }
    EventTypePattern pattern;
    pattern.text_ = text;
    return pattern;
}

bool EventTypePattern::matches(std::string_view event_type) const {
    std::string_view rest = text_;
    while (!rest.empty() && !event_type.empty()) {
        const auto wanted = take_segment(rest);
        const auto given = take_segment(event_type);
        const bool same_separator =
            is_separator(wanted.front()) ? wanted.front() == given.front() : !is_separator(given.front());
        if (!same_separator) return false;
        const auto wanted_name = without_separator(wanted);
        if (wanted_name == "**") return true;
        if (wanted_name != "*" && wanted != given) return false;
    }
    return rest.empty() && event_type.empty();
}

}  // namespace fc::messaging
