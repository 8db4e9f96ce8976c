#pragma once

#include "codec/json_document.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

/// The JSON pointer to a member of what `parent` points to.
std::string pointer_to(const std::string& parent, std::string_view member);

/// What a JSON pointer in a URI fragment ("/definitions/order%20line") leads to; absent when nothing.
codec::JsonValue resolve(codec::JsonValue root, std::string_view fragment);

/// The value without spelling that does not matter: white space, order of members, escapes.
std::string canonical_text(codec::JsonValue value);

/// The members of an object and the elements of an array; none of anything else.
std::map<std::string, codec::JsonValue> members_of(codec::JsonValue object);
std::vector<codec::JsonValue> items_of(codec::JsonValue array);
/// The canonical texts of the elements of an array, or of the one value.
std::set<std::string> values_of(codec::JsonValue value);

}  // namespace fc::messaging
