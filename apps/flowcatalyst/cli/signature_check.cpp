#include "flowcatalyst/cli/signature_check.h"

#include "base/encoding.h"

#include <charconv>

namespace fc::cli {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view version_prefix = "v1,";

/// Unix seconds, or RFC 3339 where the operator asked for that; nullopt when neither.
std::optional<TimePoint> parse_timestamp(std::string_view text) {
    constexpr std::int64_t seconds_max = 100'000'000'000;  // some year 5138: far from an overflow in millis
    std::int64_t unix_seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, unix_seconds);
    if (error == std::errc{} && rest == end && unix_seconds >= 0 && unix_seconds < seconds_max) {
        return from_unix_millis(unix_seconds * 1'000);
    }
    return from_rfc3339(text);
}

bool is_near(std::string_view timestamp, TimePoint wall) {
    const auto time = parse_timestamp(timestamp);
    return time && *time >= wall - SignatureCheck::tolerance && *time <= wall + SignatureCheck::tolerance;
}

}  // namespace

Result<SignatureCheck> SignatureCheck::with(const Secret& secret) {
    const auto& text = secret.reveal();
    if (!text.empty() && !text.starts_with(secret_prefix)) return SignatureCheck(text, text);
    const auto key =
        text.empty() ? std::nullopt : from_base64(std::string_view(text).substr(secret_prefix.size()));
    if (!key || key->empty()) {
        return invalid("INVALID_SIGNING_SECRET", "the secret is empty, or whsec_ is not followed by base64");
    }
    return SignatureCheck(*key, text);
}

bool SignatureCheck::standard_holds(const SignedDelivery& delivery) const {
    std::string content(delivery.webhook_id);
    content.append(".").append(delivery.webhook_timestamp).append(".").append(delivery.body);
    const auto expected = to_base64(hmac_sha256(standard_key_, content));
    bool holds = false;
    for (auto rest = delivery.webhook_signature; !rest.empty();) {
        const auto blank = rest.find(' ');
        auto candidate = rest.substr(0, blank);
        rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
        if (!candidate.starts_with(version_prefix)) continue;
        candidate.remove_prefix(version_prefix.size());
        holds |= equal_constant_time(candidate, expected);
    }
    return holds;
}

bool SignatureCheck::plain_holds(const SignedDelivery& delivery) const {
    const auto content = std::string(delivery.plain_timestamp).append(delivery.body);
    return equal_constant_time(to_hex(hmac_sha256(plain_key_, content)), delivery.plain_signature);
}

std::optional<std::string> SignatureCheck::fault(const SignedDelivery& delivery, TimePoint wall) const {
    if (delivery.webhook_signature.empty()) return "webhook-signature is missing";
    if (!standard_holds(delivery)) return "webhook-signature does not match";
    if (!is_near(delivery.webhook_timestamp, wall)) return "webhook-timestamp is over 5 minutes off";
    const bool is_rotating = delivery.webhook_signature.find(' ') != std::string_view::npos;
    if (is_rotating) return std::nullopt;
    if (delivery.plain_signature.empty()) return "X-FlowCatalyst-Signature is missing";
    if (!plain_holds(delivery)) return "X-FlowCatalyst-Signature does not match";
    if (!is_near(delivery.plain_timestamp, wall)) return "X-FlowCatalyst-Timestamp is over 5 minutes off";
    return std::nullopt;
}

}  // namespace fc::cli
