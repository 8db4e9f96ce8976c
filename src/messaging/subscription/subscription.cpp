#include "messaging/subscription/subscription.h"

#include "http/request_head.h"
#include "messaging/texts.h"

#include <algorithm>
#include <array>

namespace fc::messaging {

Result<void> pause(Subscription& subscription, TimePoint now, std::string reason) {
    if (subscription.status == SubscriptionStatus::paused)
        return conflict("ALREADY_PAUSED", "the subscription is paused already");
    subscription.status = SubscriptionStatus::paused;
    if (!reason.empty()) subscription.paused_reason = std::move(reason);
    begin_hold(subscription.holds, now);
    return {};
}

Result<void> resume(Subscription& subscription, TimePoint now) {
    if (subscription.status != SubscriptionStatus::paused)
        return conflict("NOT_PAUSED", "the subscription is not paused");
    subscription.status = SubscriptionStatus::active;
    subscription.paused_reason.reset();
    end_hold(subscription.holds, now);
    return {};
}

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
    if (starts_with_name(name, "webhook-") || starts_with_name(name, "X-FlowCatalyst-")) return true;
    return std::ranges::any_of(names, [&](std::string_view one) { return http::equal_names(one, name); });
}

/// A token of RFC 9110.
bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

/// Why a header may not be sent; nullopt when it may.
codec::Fault fault_of(std::string_view name, std::string_view value) {
    if (!is_token(name)) return "is no name of a header";
    if (is_reserved(name)) return "is set by the product itself";
    if (value.size() > TargetHeaders::value_bytes_max) return "must be at most 4096 bytes";
    if (!is_field_value(value)) return "must not have control characters";
    return std::nullopt;
}

}  // namespace
}  // namespace fc::messaging

namespace fc::codec {

using messaging::TargetHeaders;
using HeaderMap = std::map<std::string, std::string>;

void Traits<TargetHeaders>::read(JsonValue in, TargetHeaders& out, const Place& at) {
    Traits<HeaderMap>::read(in, out, at);
    if (out.size() > TargetHeaders::headers_max) at.fail("must be at most 50");
    for (const auto& [name, value] : out) {
        if (auto fault = messaging::fault_of(name, value)) Place{at, name}.fail(std::move(*fault));
    }
}

void Traits<TargetHeaders>::write(JsonWriter& out, const TargetHeaders& value) {
    Traits<HeaderMap>::write(out, value);
}

}  // namespace fc::codec
