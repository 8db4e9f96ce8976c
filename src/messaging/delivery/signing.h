#pragma once

#include "base/error.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "http/header_fields.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct evp_mac_ctx_st;

namespace fc::messaging {

/// A key for HMAC-SHA-256 that has already been scheduled: signing 200 bytes costs a quarter of a one-shot
/// HMAC.
class HmacKey {
public:
    explicit HmacKey(std::string_view key);
    /// The raw MAC of the parts, one after the other.
    std::string sign(std::initializer_list<std::string_view> parts);

private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const noexcept;
    };
    std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

/// How `X-FlowCatalyst-Timestamp` is written: WEBHOOK_TIMESTAMP_FORMAT.
enum class TimestampFormat { unix_seconds, iso };

/// What is signed.
struct SignedMessage {
    std::string_view id;  ///< of the dispatch job, the same on each attempt
    TimePoint wall;       ///< wall time: receivers compare it with their own
    std::string_view body;
    TimestampFormat format = TimestampFormat::unix_seconds;
};

/// Signs webhooks in both ways that receivers verify (design 3.3): `webhook-id`, `-timestamp` and
/// `-signature` of Standard Webhooks, keyed with the decoded bytes of a `whsec_` secret, and
/// `X-FlowCatalyst-Signature` and
/// `-Timestamp`, keyed with the secret's text as it is shown. Used on one thread.
class WebhookSigner {
public:
    /// `previous` is the old secret while a rotation's grace lasts: `webhook-signature` then carries both,
    /// new first, and the FlowCatalyst header, which can carry only one, stays with the old. An error when a
    /// secret is empty or has the prefix without base64 behind it: such a delivery must fail, not go out
    /// unsigned.
    static Result<WebhookSigner> with(
        const Secret& current, const std::optional<Secret>& previous = std::nullopt);

    void add_headers(http::HeaderFields& headers, const SignedMessage& message);

private:
    WebhookSigner(HmacKey standard, HmacKey plain)
        : standard_(std::move(standard)),
          plain_(std::move(plain)) {}

    HmacKey standard_;
    std::optional<HmacKey> previous_standard_;
    HmacKey plain_;
};

/// Signers by secret, so that keys are scheduled once. The longest unused leave when there are too many.
class SignerCache {
public:
    explicit SignerCache(std::size_t signers_max = 10'000) : signers_max_(signers_max) {}

    /// The signer, valid until the next call.
    Result<WebhookSigner*> find(const Secret& current, const std::optional<Secret>& previous = std::nullopt);

private:
    using Entry = std::pair<std::string, WebhookSigner>;
    std::size_t signers_max_;
    std::list<Entry> latest_first_;
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_secrets_;  // keys lie in the entries
};

/// A secret for a new subscription or service account: "whsec_" and 32 random bytes in base 64.
Secret new_signing_secret();

}  // namespace fc::messaging
