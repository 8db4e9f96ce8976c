#include "messaging/event_type/schema_document.h"

#include "base/encoding.h"
#include "codec/json.h"

#include <charconv>
#include <map>

namespace fc::messaging {
namespace {

std::string unescaped(std::string_view token) {
    std::string out;
    for (std::size_t at = 0; at < token.size(); ++at) {
        const bool is_escape = token[at] == '~' && at + 1 < token.size();
        out += is_escape ? (token[++at] == '0' ? '~' : '/') : token[at];
    }
    return out;
}

codec::JsonValue element_of(codec::JsonValue array, std::string_view token) {
    std::size_t index = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
    if (read.ec != std::errc{} || read.ptr != token.data() + token.size()) return {};
    auto item = array.first();
    for (; item.exists() && index > 0; --index) item = array.after(item);
    return item;
}

}  // namespace

std::string pointer_to(const std::string& parent, std::string_view member) {
    std::string pointer = parent + '/';
    for (const char c : member) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
    return pointer;
}

codec::JsonValue resolve(codec::JsonValue root, std::string_view fragment) {
    const auto decoded = percent_decode(fragment, false);
    if (!decoded) return {};
    std::string_view rest = *decoded;
    auto value = root;
    while (!rest.empty() && value.exists()) {
        rest.remove_prefix(1);
        const auto token = unescaped(rest.substr(0, rest.find('/')));
        rest.remove_prefix(std::min(rest.size(), rest.find('/')));
        if (value.is_object())
            value = value.find(token);
        else
            value = value.is_array() ? element_of(value, token) : codec::JsonValue{};
    }
    return value;
}

std::string canonical_text(codec::JsonValue value) {
    std::string scratch;
    if (value.is_string()) return codec::to_json(std::string(value.text(scratch)));
    std::string text;
    if (value.is_array()) {
        for (auto item = value.first(); item.exists(); item = value.after(item))
            text += (text.empty() ? "" : ",") + canonical_text(item);
        return '[' + text + ']';
    }
    if (!value.is_object()) return std::string(value.raw());
    std::map<std::string, std::string> members;
    for (auto key = value.first(); key.exists(); key = value.after(key.value_of_key()))
        members[canonical_text(key)] = canonical_text(key.value_of_key());
    for (const auto& [name, member] : members) text += (text.empty() ? "" : ",") + name + ':' + member;
    return '{' + text + '}';
}

std::map<std::string, codec::JsonValue> members_of(codec::JsonValue object) {
    std::map<std::string, codec::JsonValue> members;
    std::string scratch;
    if (!object.is_object()) return members;
    for (auto key = object.first(); key.exists(); key = object.after(key.value_of_key()))
        members[std::string(key.text(scratch))] = key.value_of_key();
    return members;
}

std::set<std::string> values_of(codec::JsonValue value) {
    std::set<std::string> values;
    if (!value.is_array()) {
        if (value.exists()) values.insert(canonical_text(value));
        return values;
    }
    for (auto item = value.first(); item.exists(); item = value.after(item))
        values.insert(canonical_text(item));
    return values;
}

std::vector<codec::JsonValue> items_of(codec::JsonValue array) {
    std::vector<codec::JsonValue> items;
    if (!array.is_array()) return items;
    for (auto item = array.first(); item.exists(); item = array.after(item)) items.push_back(item);
    return items;
}

}  // namespace fc::messaging
