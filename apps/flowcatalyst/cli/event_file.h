#pragma once

#include "base/error.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::cli {

/// One event of a file, as its bytes.
struct FileEvent {
    std::string_view json;  ///< into the file's text
    std::string place;      ///< "/events/3", "/3", or "line 4"
};

/// The events of a file in their order: a JSON array, `{"events":[...]}`, one event, or an event a line.
/// INVALID_EVENT_FILE says where it is none of that, or that there are no events. Borrows the text.
Result<std::vector<FileEvent>> read_events(std::string_view text);

/// Events that go in one request: `[begin, end)`, at most `events_max` and, unless one alone is larger, at
/// most `bytes_max`.
std::size_t end_of_batch(
    const std::vector<FileEvent>& events, std::size_t begin, std::size_t events_max, std::size_t bytes_max);

/// "/events/3/type" taken apart: which event of a batch, and what in it.
struct EventPointer {
    std::size_t event = 0;
    std::string rest;  ///< "/type"; "" is the event itself
};
/// nullopt when it does not point into an event.
std::optional<EventPointer> parse_event_pointer(std::string_view pointer);

}  // namespace fc::cli
