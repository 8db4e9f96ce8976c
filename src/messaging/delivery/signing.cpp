#include "messaging/delivery/signing.h"

#include "base/encoding.h"
#include "base/random.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <chrono>

namespace fc::messaging {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t mac_bytes = 32;

/// The bytes that key `webhook-signature`; nullopt when the text is no secret.
std::optional<std::string> standard_key(const std::string& secret) {
    if (secret.empty()) return std::nullopt;
    if (!secret.starts_with(secret_prefix)) return secret;
    auto bytes = from_base64(std::string_view(secret).substr(secret_prefix.size()));
    if (!bytes || bytes->empty()) return std::nullopt;
    return bytes;
}

std::string unix_seconds(TimePoint time) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

void HmacKey::Free::operator()(evp_mac_ctx_st* context) const noexcept {
    EVP_MAC_CTX_free(context);
}

HmacKey::HmacKey(std::string_view key) {
    EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context_.reset(EVP_MAC_CTX_new(algorithm));
    EVP_MAC_free(algorithm);
    std::string digest = "SHA256";
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    const bool is_ready = context_ && EVP_MAC_init(context_.get(), bytes, key.size(), parameters.data()) == 1;
    FC_ASSERT(is_ready, "OpenSSL has HMAC-SHA-256");
}

std::string HmacKey::sign(std::initializer_list<std::string_view> parts) {
    // Without a key: the one it has, already scheduled.
    bool is_good = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1;
    for (const auto part : parts) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(part.data());
        is_good = is_good && EVP_MAC_update(context_.get(), bytes, part.size()) == 1;
    }
    std::string mac(mac_bytes, '\0');
    std::size_t size = 0;
    auto* out = reinterpret_cast<unsigned char*>(mac.data());
    is_good = is_good && EVP_MAC_final(context_.get(), out, &size, mac.size()) == 1;
    FC_ASSERT(is_good && size == mac_bytes, "a keyed HMAC context signs");
    return mac;
}

Result<WebhookSigner> WebhookSigner::with(const Secret& current, const std::optional<Secret>& previous) {
    const auto key = standard_key(current.reveal());
    const auto previous_key = previous ? standard_key(previous->reveal()) : std::nullopt;
    if (!key || (previous && !previous_key)) {
        return invalid(
            "INVALID_SIGNING_SECRET", "the signing secret is empty, or whsec_ is not followed by base64");
    }
    WebhookSigner signer(HmacKey(*key), HmacKey(previous ? previous->reveal() : current.reveal()));
    if (previous_key) signer.previous_standard_.emplace(*previous_key);
    return signer;
}

void WebhookSigner::add_headers(http::HeaderFields& headers, const SignedMessage& message) {
    const auto timestamp = unix_seconds(message.wall);
    const auto standard = [&](HmacKey& key) {
        return "v1," + to_base64(key.sign({message.id, ".", timestamp, ".", message.body}));
    };
    auto signatures = standard(standard_);
    if (previous_standard_) signatures += " " + standard(*previous_standard_);
    const bool is_iso = message.format == TimestampFormat::iso;
    const auto plain_timestamp = is_iso ? to_rfc3339(message.wall) : timestamp;
    headers.add("webhook-id", message.id);
    headers.add("webhook-timestamp", timestamp);
    headers.add("webhook-signature", signatures);
    headers.add("X-FlowCatalyst-Signature", to_hex(plain_.sign({plain_timestamp, message.body})));
    headers.add("X-FlowCatalyst-Timestamp", plain_timestamp);
}

Result<WebhookSigner*> SignerCache::find(const Secret& current, const std::optional<Secret>& previous) {
    std::string both;
    if (previous) both = current.reveal() + '\0' + previous->reveal();
    const std::string_view key = previous ? both : current.reveal();
    if (const auto found = by_secrets_.find(key); found != by_secrets_.end()) {
        latest_first_.splice(latest_first_.begin(), latest_first_, found->second);
        return &found->second->second;
    }
    auto signer = WebhookSigner::with(current, previous);
    if (!signer) return signer.error();
    if (latest_first_.size() >= signers_max_) {
        by_secrets_.erase(latest_first_.back().first);
        latest_first_.pop_back();
    }
    latest_first_.emplace_front(key, std::move(*signer));
    by_secrets_.emplace(latest_first_.front().first, latest_first_.begin());
    return &latest_first_.front().second;
}

Secret new_signing_secret() {
    return Secret(std::string(secret_prefix) + to_base64(random_bytes(32)));
}

}  // namespace fc::messaging
