#include "messaging/texts.h"

#include "http/header_fields.h"

namespace fc::messaging {

codec::Fault fault_of_text(std::string_view text) {
    if (text.size() > text_bytes_max) return "must be at most 1024 bytes";
    if (!http::is_field_value(text)) return "must not have control characters";
    return std::nullopt;
}

}  // namespace fc::messaging
