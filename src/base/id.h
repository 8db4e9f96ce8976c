#pragma once

#include "base/time.h"

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fc {

/// A TSID: 42 bits of milliseconds since 2020-01-01, then 22 bits; 13 characters of Crockford base 32 as
/// text. 0 is "none" and never generated.
struct Tsid {
    std::uint64_t value = 0;
    auto operator<=>(const Tsid&) const = default;
    explicit operator bool() const { return value != 0; }
    std::string to_string() const;
    /// Exactly 13 characters, case-insensitive, I L O U as Crockford reads them; nullopt otherwise.
    static std::optional<Tsid> parse(std::string_view text);
};

/// The id of a T: a TSID that cannot be mistaken for the id of something else.
template <class T>
struct Id : Tsid {
    Id() = default;
    explicit Id(std::uint64_t number) : Tsid{number} {}
    explicit Id(Tsid tsid) : Tsid{tsid} {}
    auto operator<=>(const Id&) const = default;
};

/// Makes ids that only grow within the process and start above `floor`, whatever the wall clock does.
/// Thread-safe.
class TsidGenerator {
public:
    explicit TsidGenerator(const Clock& clock, std::uint64_t floor = 0) : clock_(clock), last_(floor) {}
    Tsid next();

private:
    const Clock& clock_;
    std::atomic<std::uint64_t> last_;
};

}  // namespace fc

template <>
struct std::hash<fc::Tsid> {
    std::size_t operator()(fc::Tsid id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
template <class T>
struct std::hash<fc::Id<T>> {
    std::size_t operator()(fc::Id<T> id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
