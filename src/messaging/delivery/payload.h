#pragma once

#include "base/vocabulary.h"
#include "codec/json.h"
#include "store/records.h"

#include <string>
#include <string_view>

namespace fc::messaging {

/// Whether `data` or a payload was given as a JSON string, whose text is what is meant.
inline bool is_text(const RawJson& value) {
    return value.text.starts_with('"');
}

/// The exact bytes that a target gets: a string's decoded text, or the value's own bytes.
inline std::string delivered_bytes(RawJson value) {
    return is_text(value) ? codec::from_json<std::string>(value.text).value() : std::move(value.text);
}

/// The data as a JSON value; not for binary data. "" when there is none.
std::string data_as_json(const store::EventRecord& event);

/// Whether the text is one JSON value, white space around it allowed.
bool is_json(std::string_view text);

/// Whether content of that type is JSON; "" is our default, application/json.
bool is_json_type(std::string_view content_type);
/// Whether content of that type is text, but not JSON: text/*, XML, forms.
bool is_text_type(std::string_view content_type);

}  // namespace fc::messaging
