#pragma once

#include "codec/json.h"

#include <map>
#include <ranges>
#include <string>

namespace fc::fuzz {

/// A value that was read is written, read again, and written the same.
template <class T>
void check_round_trip(const T& value) {
    const auto text = codec::to_json(value, codec::Reveal::yes);
    const auto again = codec::from_json<T>(text);
    FC_ASSERT(again.has_value(), "what is written can be read");
    FC_ASSERT(codec::to_json(*again, codec::Reveal::yes) == text, "what is read again is written the same");
}

/// Writes a value by its parts, the members of objects by name or the other way round. Of a member given
/// twice the last counts.
template <bool Reversed = false>
void rewrite(codec::JsonWriter& out, codec::JsonValue value) {
    std::string scratch;
    if (value.is_object()) {
        std::map<std::string, codec::JsonValue> members;
        for (auto key = value.first(); key.exists(); key = value.after(key.value_of_key()))
            members[std::string(key.text(scratch))] = key.value_of_key();
        const auto write = [&](const auto& member) {
            out.key(member.first);
            rewrite<Reversed>(out, member.second);
        };
        out.begin_object();
        if constexpr (Reversed)
            for (const auto& member : members | std::views::reverse) write(member);
        else
            for (const auto& member : members) write(member);
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (auto item = value.first(); item.exists(); item = value.after(item)) {
            out.element();
            rewrite<Reversed>(out, item);
        }
        out.end_array();
    } else if (value.is_string()) {
        out.text(value.text(scratch));
    } else {
        out.raw(value.raw());
    }
}

template <bool Reversed = false>
std::string rewritten(codec::JsonValue value) {
    std::string text;
    codec::JsonWriter out(text);
    rewrite<Reversed>(out, value);
    return text;
}

}  // namespace fc::fuzz
