#include "messaging/delivery/payload.h"

#include "http/message.h"

#include <algorithm>

namespace fc::messaging {
namespace {

/// "Application/JSON; charset=utf-8" as "application/json".
std::string media_type(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    type.resize(type.find_last_not_of(" \t") + 1);
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type;
}

}  // namespace

std::string data_as_json(const store::EventRecord& event) {
    return event.data_kind == store::DataKind::text ? codec::to_json(event.data) : event.data;
}

bool is_json(std::string_view text) {
    return codec::JsonDocument::parse(text).has_value();
}

bool is_json_type(std::string_view content_type) {
    if (content_type.empty() || content_type == http::json_type) return true;
    const auto type = media_type(content_type);
    return type == http::json_type || type == "text/json" || type.ends_with("+json");
}

bool is_text_type(std::string_view content_type) {
    const auto type = media_type(content_type);
    return !is_json_type(content_type) &&
           (type.starts_with("text/") || type == "application/xml" || type.ends_with("+xml") ||
            type == "application/x-www-form-urlencoded");
}

}  // namespace fc::messaging
