#pragma once

#include "base/vocabulary.h"
#include "codec/json.h"

#include <string>

namespace fc::messaging {

/// Whether `data` or a payload was given as a JSON string, whose text is what is meant.
inline bool is_text(const RawJson& value) {
    return value.text.starts_with('"');
}

/// The exact bytes that a target gets: a string's decoded text, or the value's own bytes.
inline std::string delivered_bytes(RawJson value) {
    return is_text(value) ? codec::from_json<std::string>(value.text).value() : std::move(value.text);
}

}  // namespace fc::messaging
