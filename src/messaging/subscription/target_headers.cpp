#include "messaging/subscription/target_headers.h"

#include "http/header_fields.h"
#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace fc::messaging {
namespace {

bool starts_with_name(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && http::equal_names(text.substr(0, prefix.size()), prefix);
}

/// Set by the product, or by HTTP for one connection.
bool is_reserved(std::string_view name) {
    static constexpr std::array names = {
        "Host",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "TE",
        "Trailer",
        "Expect",
        "Proxy-Connection",
        "Proxy-Authorization"};
    if (starts_with_name(name, "ce-") || starts_with_name(name, "webhook-") ||
        starts_with_name(name, "X-FlowCatalyst-"))
        return true;
    return std::ranges::any_of(names, [&](std::string_view one) { return http::equal_names(one, name); });
}

/// Why a header may not be sent; nullopt when it may.
codec::Fault fault_of(std::string_view name, std::string_view value) {
    if (!http::is_token(name)) return "is no name of a header";
    if (is_reserved(name)) return "is set by the product itself";
    if (value.size() > TargetHeaders::value_bytes_max) return "must be at most 4096 bytes";
    if (!http::is_field_value(value)) return "must not have control characters";
    return std::nullopt;
}

constexpr std::string_view mask = codec::Traits<Secret>::mask;

}  // namespace

bool is_secret_header(std::string_view name) {
    static constexpr std::array<std::string_view, 7> words = {
        "auth", "token", "secret", "key", "password", "cookie", "credential"};
    std::string lower(name);
    for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return std::ranges::any_of(
        words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

void unmask(TargetHeaders& given, const TargetHeaders& stored, std::vector<FieldError>& faults) {
    const codec::Place whole(faults);
    const codec::Place headers(whole, "headers");
    for (auto& [name, value] : given) {
        if (value != mask || !is_secret_header(name)) continue;
        const auto known =
            std::ranges::find_if(stored, [&](const auto& one) { return http::equal_names(one.first, name); });
        if (known != stored.end())
            value = known->second;
        else
            codec::Place(headers, name).fail("is masked, and there is no value of it yet");
    }
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::TargetHeaders;
using HeaderMap = std::map<std::string, std::string>;

void Traits<TargetHeaders>::read(JsonValue in, TargetHeaders& out, const Place& at) {
    Traits<HeaderMap>::read(in, out, at);
    if (out.size() > TargetHeaders::headers_max) at.fail("must be at most 50");
    for (const auto& [name, value] : out) {
        if (auto fault = messaging::fault_of(name, value)) Place{at, name}.fail(std::move(*fault));
        const bool is_twice = std::ranges::any_of(out, [&](const auto& other) {
            return other.first < name && http::equal_names(other.first, name);
        });
        if (is_twice) Place{at, name}.fail("is given twice");
    }
}

void Traits<TargetHeaders>::write(JsonWriter& out, const TargetHeaders& value) {
    auto shown = value;
    for (auto& [name, text] : shown) {
        if (!out.reveals_secrets() && messaging::is_secret_header(name)) text = messaging::mask;
    }
    Traits<HeaderMap>::write(out, shown);
}

}  // namespace fc::codec
