#include "http/header_fields.h"

#include "http/request_head.h"

#include <algorithm>
#include <array>

namespace fc::http {
namespace {

constexpr auto token_characters = [] {
    std::array<bool, 256> table{};
    for (const unsigned char c : std::string_view("!#$%&'*+-.^_`|~0123456789")) table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
    return table;
}();

/// Headers that say where the message goes and where it ends: two voices there is how requests get smuggled.
bool is_framing(std::string_view name) {
    static constexpr std::array<std::string_view, 10> names{
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "keep-alive",
        "proxy-connection"};
    return std::ranges::any_of(names, [&](std::string_view known) { return equal_names(name, known); });
}

/// The first field of that name with its line's end; empty when absent.
std::string_view field_of(std::string_view fields, std::string_view name) {
    while (!fields.empty()) {
        const auto field = fields.substr(0, fields.find('\n') + 1);
        if (equal_names(field.substr(0, field.find(':')), name)) return field;
        fields.remove_prefix(field.size());
    }
    return {};
}

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return token_characters[c]; });
}

bool is_field_value(std::string_view text) {
    bool has_control = false;  // without a way out early the compiler takes many bytes at a time
    for (const unsigned char c : text) has_control |= (c < 0x20 && c != '\t') || c == 0x7f;
    return !has_control;
}

void HeaderFields::add(std::string_view name, std::string_view value) {
    if (!is_token(name)) {
        fault_ = "a header name is malformed";
    } else if (!is_field_value(value)) {
        fault_ = "the value of the header " + std::string(name) + " has a control character";
    } else if (!is_framing(name)) {
        text_ += name;
        text_ += ": ";
        text_ += value;
        text_ += "\r\n";
    }
}

void HeaderFields::set(std::string_view name, std::string_view value) {
    for (auto old = field_of(text_, name); !old.empty(); old = field_of(text_, name))
        text_.erase(static_cast<std::size_t>(old.data() - text_.data()), old.size());
    add(name, value);
}

std::optional<std::string_view> HeaderFields::find(std::string_view name) const {
    auto field = field_of(text_, name);
    if (field.empty()) return std::nullopt;
    field.remove_prefix(name.size() + std::string_view(": ").size());
    field.remove_suffix(std::string_view("\r\n").size());
    return field;
}

}  // namespace fc::http
