#include "messaging/delivery/signing.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <set>

namespace fc::messaging {
namespace {

const TimePoint at = from_unix_millis(1'614'265'330'123);

std::string header(const http::HeaderFields& headers, std::string_view name) {
    return std::string(headers.find(name).value_or("absent"));
}

http::HeaderFields sign(WebhookSigner signer, TimestampFormat format = TimestampFormat::unix_seconds) {
    http::HeaderFields headers;
    signer.add_headers(
        headers,
        SignedMessage{
            .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
            .wall = at,
            .body = R"({"test": 2432232314})",
            .format = format});
    return headers;
}

Secret secret(const char* text) {
    return Secret(text);
}

// The example of the Standard Webhooks specification and its libraries.
TEST(WebhookSigner, SignsTheExampleOfStandardWebhooks) {
    const auto headers = sign(WebhookSigner::with(secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).value());
    EXPECT_EQ(header(headers, "webhook-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
    EXPECT_EQ(header(headers, "webhook-timestamp"), "1614265330");
    EXPECT_EQ(header(headers, "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSigner, FlowCatalystHeaderIsHexOfTimestampAndBodyKeyedWithTheTextAsShown) {
    const std::string text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const auto headers = sign(WebhookSigner::with(Secret(text)).value());
    EXPECT_EQ(header(headers, "X-FlowCatalyst-Timestamp"), "1614265330");
    EXPECT_EQ(
        header(headers, "X-FlowCatalyst-Signature"),
        to_hex(hmac_sha256(text, R"(1614265330{"test": 2432232314})")));
}

TEST(WebhookSigner, IsoTimestampHasThreeDecimalsAndIsWhatIsSigned) {
    const auto headers = sign(WebhookSigner::with(secret("plain")).value(), TimestampFormat::iso);
    EXPECT_EQ(header(headers, "X-FlowCatalyst-Timestamp"), "2021-02-25T15:02:10.123Z");
    EXPECT_EQ(
        header(headers, "X-FlowCatalyst-Signature"),
        to_hex(hmac_sha256("plain", R"(2021-02-25T15:02:10.123Z{"test": 2432232314})")));
    EXPECT_EQ(header(headers, "webhook-timestamp"), "1614265330") << "Standard Webhooks knows seconds only";
}

TEST(WebhookSigner, ASecretWithoutPrefixIsItsBytesInBoth) {
    const auto headers = sign(WebhookSigner::with(secret("TWFu")).value());
    const auto mac = hmac_sha256("TWFu", R"(msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314})");
    EXPECT_EQ(header(headers, "webhook-signature"), "v1," + to_base64(mac));
}

TEST(WebhookSigner, InARotationBothSignNewFirstAndTheOldHeaderStaysWithTheOld) {
    const auto fresh = sign(WebhookSigner::with(secret("new")).value());
    const auto old = sign(WebhookSigner::with(secret("whsec_b2xk")).value());
    const auto both = sign(WebhookSigner::with(secret("new"), secret("whsec_b2xk")).value());
    EXPECT_EQ(
        header(both, "webhook-signature"),
        header(fresh, "webhook-signature") + " " + header(old, "webhook-signature"));
    EXPECT_EQ(header(both, "X-FlowCatalyst-Signature"), header(old, "X-FlowCatalyst-Signature"));
}

TEST(WebhookSigner, ASecretThatCannotBeReadFailsClosed) {
    for (const auto* text : {"", "whsec_", "whsec_not base64!"}) {
        EXPECT_FALSE(WebhookSigner::with(secret(text))) << text;
        EXPECT_FALSE(WebhookSigner::with(secret("good"), secret(text))) << text;
    }
    EXPECT_EQ(WebhookSigner::with(secret("")).error().code, "INVALID_SIGNING_SECRET");
}

TEST(HmacKey, GivesTheSameMacEachTimeAndForAnySplit) {
    HmacKey key("k");
    const auto whole = hmac_sha256("k", "hello world");
    EXPECT_EQ(key.sign({"hello world"}), whole);
    EXPECT_EQ(key.sign({"hello", " ", "world"}), whole);
    EXPECT_EQ(key.sign({"", "hello world"}), whole);
    const std::string long_key(200, 'k');
    EXPECT_EQ(HmacKey(long_key).sign({""}), hmac_sha256(long_key, ""));
}

TEST(SignerCache, KeepsSignersBySecretAndForgetsTheLongestUnused) {
    SignerCache cache(2);
    auto* a = cache.find(secret("a")).value();
    EXPECT_EQ(cache.find(secret("a")).value(), a);
    EXPECT_NE(cache.find(secret("a"), secret("b")).value(), a);
    EXPECT_EQ(cache.find(secret("a")).value(), a);
    cache.find(secret("c")).value();
    EXPECT_EQ(cache.find(secret("a")).value(), a) << "used later than the rotation's";
    EXPECT_FALSE(cache.find(secret("whsec_!")));
    http::HeaderFields headers;
    cache.find(secret("c")).value()->add_headers(headers, SignedMessage{.id = "1", .wall = at, .body = ""});
    EXPECT_EQ(header(headers, "X-FlowCatalyst-Signature"), to_hex(hmac_sha256("c", "1614265330")));
}

TEST(SigningSecret, IsThirtyTwoRandomBytesInBase64) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto text = new_signing_secret().reveal();
        ASSERT_TRUE(text.starts_with("whsec_"));
        const auto bytes = from_base64(text.substr(6));
        ASSERT_TRUE(bytes);
        EXPECT_EQ(bytes->size(), 32U);
        seen.insert(text);
    }
    EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace fc::messaging
