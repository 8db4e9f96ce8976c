#include "messaging/texts.h"

#include <algorithm>

namespace fc::messaging {

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

codec::Fault fault_of_text(std::string_view text) {
    if (text.size() > text_bytes_max) return "must be at most 1024 bytes";
    if (!is_field_value(text)) return "must not have control characters";
    return std::nullopt;
}

}  // namespace fc::messaging
