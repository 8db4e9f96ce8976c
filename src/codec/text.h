#pragma once

#include "codec/describe.h"

#include <charconv>
#include <chrono>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {

/// What is wrong with a text, to be read after the field's name; nullopt when it was accepted.
using Fault = std::optional<std::string>;

/// true/false, t/f, yes/no, on/off, 1/0, in any case.
Fault parse_bool(std::string_view text, bool& out);
/// A finite decimal number.
Fault parse_double(std::string_view text, double& out);
/// Go's notation: "1h30m", "1.5s", "-2ms", "0"; units ns us µs ms s m h, and d of 24 hours.
Fault parse_duration(std::string_view text, std::chrono::nanoseconds& out);
/// "1h30m", "250ms": what parse_duration reads back.
std::string to_duration_text(std::chrono::nanoseconds duration);
/// Decimal digits of a number: `minimum` to `maximum` are named when it is not one of them.
std::string integer_fault(bool is_integer, std::string minimum, std::string maximum);
std::string_view trim(std::string_view text);
/// Elements between commas, trimmed, empty ones dropped.
std::vector<std::string_view> split_list(std::string_view text);

template <std::integral T>
Fault parse_integer(std::string_view text, T& out) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    T value{};
    const char* const first = text.data();
    const char* const end = first + text.size();
    const auto read = std::from_chars(first, end, value);
    if (read.ec == std::errc{} && read.ptr == end) return out = value, std::nullopt;
    using Limits = std::numeric_limits<T>;
    const bool is_integer = read.ec == std::errc::result_out_of_range && read.ptr == end;
    return integer_fault(is_integer, std::to_string(Limits::min()), std::to_string(Limits::max()));
}

/// Position of the enumerator called `text`, in any case; `names.size()` when there is none.
std::size_t find_enumerator(std::span<const FixedText> names, std::string_view text);
/// "must be one of A, B, C".
std::string enumerator_fault(std::span<const FixedText> names);

template <class E>
struct Enumerators {
    using List = boost::describe::describe_enumerators<E>;
    static constexpr std::size_t count = boost::mp11::mp_size<List>::value;

    static constexpr auto names = []<class... D>(boost::mp11::mp_list<D...>) {
        return std::array<FixedText, sizeof...(D)>{to_upper_case(D::name)...};
    }(boost::mp11::mp_rename<List, boost::mp11::mp_list>{});
    static constexpr auto values = []<class... D>(boost::mp11::mp_list<D...>) {
        return std::array<E, sizeof...(D)>{D::value...};
    }(boost::mp11::mp_rename<List, boost::mp11::mp_list>{});
};

}  // namespace fc::codec
