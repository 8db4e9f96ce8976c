#pragma once

#include "base/error.h"
#include "messaging/event_type/schema_pattern.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace fc::messaging {

/// What is known of a text that is a JSON Schema.
struct SchemaFacts {
    bool is_draft_4 = false;
    std::size_t widest = 0;                         ///< members or elements in one keyword, at most
    std::map<std::string, SchemaPattern> patterns;  ///< by their text
};

/// Whether a text is a JSON Schema of draft 4, 6 or 7 (7 where it does not say) that can be checked against:
/// VALIDATION_FAILED has every fault by JSON pointer into the schema. Keywords that nobody knows are ignored,
/// as the standard says; those of later drafts are refused, because they would not be followed. A `$ref`
/// leads into the same schema, and not in a circle.
Result<SchemaFacts> check_schema(std::string_view text);

}  // namespace fc::messaging
