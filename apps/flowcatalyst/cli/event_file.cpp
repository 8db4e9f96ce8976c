#include "flowcatalyst/cli/event_file.h"

#include "codec/json_document.h"

#include <charconv>

namespace fc::cli {
namespace {

constexpr std::string_view blanks = " \t\r\n";

Error bad_file(std::string why) {
    return invalid("INVALID_EVENT_FILE", std::move(why));
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<FileEvent> items_of(codec::JsonValue array, const std::string& pointer) {
    std::vector<FileEvent> events;
    for (auto item = array.first(); item.exists(); item = array.after(item)) {
        events.push_back({item.raw(), pointer + "/" + std::to_string(events.size())});
    }
    return events;
}

/// The whole text is one JSON value.
Result<std::vector<FileEvent>> read_document(std::string_view text) {
    const auto document = codec::JsonDocument::parse(text);
    if (!document) return bad_file("is not JSON: " + document.error().detail);
    const auto root = document->root();
    if (root.is_array()) return items_of(root, "");
    if (!root.is_object())
        return bad_file("is neither an array of events, nor {\"events\":[...]}, nor an event a line");
    const auto events = root.find("events");
    if (events.is_array()) return items_of(events, "/events");
    if (events.exists()) return bad_file("/events must be an array");
    return std::vector<FileEvent>{{root.raw(), "the event"}};
}

Result<std::vector<FileEvent>> read_lines(std::string_view text) {
    std::vector<FileEvent> events;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) continue;
        const auto place = "line " + std::to_string(number);
        const auto document = codec::JsonDocument::parse(line);
        if (!document) return bad_file(place + " is not JSON: " + document.error().detail);
        events.push_back({line, place});
    }
    return events;
}

/// True when the first line is an object and more follows: then the whole cannot be one JSON value.
bool has_event_a_line(std::string_view text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || trim(text.substr(end)).empty()) return false;
    const auto first = codec::JsonDocument::parse(trim(text.substr(0, end)));
    return first && first->root().is_object();
}

}  // namespace

Result<std::vector<FileEvent>> read_events(std::string_view text) {
    // Blank lines at the start are counted, so that a line's number is the editor's.
    if (trim(text).empty()) return bad_file("is empty");
    const auto start = text.substr(text.find_first_not_of(blanks));
    auto events = has_event_a_line(start) ? read_lines(text) : read_document(text);
    if (events && events->empty()) return bad_file("has no events");
    return events;
}

std::size_t end_of_batch(
    const std::vector<FileEvent>& events, std::size_t begin, std::size_t events_max, std::size_t bytes_max) {
    std::size_t bytes = 0;
    auto end = begin;
    while (end < events.size() && end - begin < events_max) {
        bytes += events[end].json.size() + 1;
        if (bytes > bytes_max && end > begin) break;
        ++end;
    }
    return end;
}

std::optional<EventPointer> parse_event_pointer(std::string_view pointer) {
    constexpr std::string_view prefix = "/events/";
    if (!pointer.starts_with(prefix)) return std::nullopt;
    pointer.remove_prefix(prefix.size());
    EventPointer found;
    const auto* end = pointer.data() + pointer.size();
    const auto [rest, error] = std::from_chars(pointer.data(), end, found.event);
    if (error != std::errc{} || (rest != end && *rest != '/')) return std::nullopt;
    found.rest.assign(rest, end);
    return found;
}

}  // namespace fc::cli
