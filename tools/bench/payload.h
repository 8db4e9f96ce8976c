#pragma once

#include "bench/histogram.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fc::bench {

/// Group number of an event that has none.
inline constexpr std::uint32_t no_group = 0;
/// Eight characters that tell the events of one run from those of another.
inline constexpr std::size_t run_tag_length = 8;
std::string make_run_tag();

/// What an event says about itself. `number` counts the events of a run from 0; within one group it only
/// grows.
struct Mark {
    std::uint64_t number = 0;
    std::uint32_t group = no_group;
    Nanos intended{0};  ///< steady clock, when the event was to be sent
    bool operator==(const Mark&) const = default;
};

/// "fcb-" run "." number "." group "." intended: fixed width, and without a character that JSON escapes, so
/// that it is written in place into a prepared request and found again in a body.
inline constexpr std::size_t mark_length = 4 + run_tag_length + 1 + 12 + 1 + 6 + 1 + 20;
/// Writes over the digits of a mark that `blank_mark` made.
void write_mark(char* at, const Mark& mark);
std::string blank_mark(std::string_view run_tag);
/// Decimal, with leading zeros, exactly `width` characters.
void write_digits(char* at, std::size_t width, std::uint64_t value);

/// Finds the marks of one run in bodies.
class MarkReader {
public:
    explicit MarkReader(std::string_view run_tag);
    /// The first mark at or behind `from`, which is then moved behind it; nullopt when there is no more.
    std::optional<Mark> next(std::string_view body, std::size_t& from) const;

private:
    std::string prefix_;
};

/// The `data` of an event: a JSON object of `bytes` bytes (at least 74) around a mark.
struct Payload {
    Payload(std::string_view run_tag, std::size_t bytes);
    /// The body of a router's request about a pointer whose id is a mark: `{"messageId":"..."}`.
    static Payload of_pointer(std::string_view run_tag);
    /// Whether a delivered body is this payload, whatever its mark says.
    bool matches(std::string_view body) const;
    std::string text;
    std::size_t mark_at = 0;

private:
    Payload() = default;
};

}  // namespace fc::bench
