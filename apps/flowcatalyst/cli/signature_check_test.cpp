#include "flowcatalyst/cli/signature_check.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace fc::cli {
namespace {

/// The example of the Standard Webhooks specification's reference libraries.
constexpr std::string_view standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TimePoint signed_at{seconds{1'614'265'330}};

/// A delivery with its own copies of what it refers to.
struct Example {
    std::string plain_timestamp = "1614265330";
    std::string plain_signature;
    SignedDelivery delivery{
        .webhook_id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
        .webhook_timestamp = "1614265330",
        .webhook_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        .plain_timestamp = {},
        .plain_signature = {},
        .body = R"({"test": 2432232314})"};

    void sign_plain(std::string_view secret = standard_secret) {
        plain_signature = to_hex(hmac_sha256(secret, plain_timestamp + std::string(delivery.body)));
        delivery.plain_timestamp = plain_timestamp;
        delivery.plain_signature = plain_signature;
    }
};

std::string judge(const SignedDelivery& delivery, TimePoint wall = signed_at) {
    const auto check = SignatureCheck::with(Secret(std::string(standard_secret))).value();
    return check.fault(delivery, wall).value_or("valid");
}

TEST(SignatureCheck, BothSignaturesHold) {
    Example example;
    example.sign_plain();
    EXPECT_EQ(judge(example.delivery), "valid");
}

TEST(SignatureCheck, AnotherBodyOrIdOrSecretDoesNotMatch) {
    Example example;
    example.sign_plain();
    auto other = example.delivery;
    other.body = "{}";
    EXPECT_EQ(judge(other), "webhook-signature does not match");
    other = example.delivery;
    other.webhook_id = "another";
    EXPECT_EQ(judge(other), "webhook-signature does not match");
    const auto check = SignatureCheck::with(Secret("whsec_AAAA")).value();
    EXPECT_EQ(check.fault(example.delivery, signed_at), "webhook-signature does not match");
}

TEST(SignatureCheck, PlainSignatureAloneCanBeBad) {
    Example example;
    EXPECT_EQ(judge(example.delivery), "X-FlowCatalyst-Signature is missing");
    example.sign_plain("another secret");
    EXPECT_EQ(judge(example.delivery), "X-FlowCatalyst-Signature does not match");
}

TEST(SignatureCheck, TimestampMayBeFiveMinutesOff) {
    Example example;
    example.sign_plain();
    EXPECT_EQ(judge(example.delivery, signed_at + seconds{300}), "valid");
    EXPECT_EQ(judge(example.delivery, signed_at - seconds{300}), "valid");
    EXPECT_EQ(judge(example.delivery, signed_at + seconds{301}), "webhook-timestamp is over 5 minutes off");
    EXPECT_EQ(judge(example.delivery, signed_at - seconds{301}), "webhook-timestamp is over 5 minutes off");
}

TEST(SignatureCheck, PlainTimestampMayBeIso) {
    Example example;
    example.plain_timestamp = to_rfc3339(signed_at);
    example.sign_plain();
    EXPECT_EQ(judge(example.delivery), "valid");
    example.plain_timestamp = to_rfc3339(signed_at - seconds{301});
    example.sign_plain();
    EXPECT_EQ(judge(example.delivery), "X-FlowCatalyst-Timestamp is over 5 minutes off");
}

TEST(SignatureCheck, RotationIsJudgedByTheStandardHeaderAlone) {
    Example example;
    example.sign_plain("the old secret");
    example.delivery.webhook_signature = "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    EXPECT_EQ(judge(example.delivery), "valid");
    example.delivery.webhook_signature = "v1,AAAA v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    EXPECT_EQ(judge(example.delivery), "webhook-signature does not match");
}

TEST(SignatureCheck, UnsignedIsNotValid) {
    EXPECT_EQ(judge({}), "webhook-signature is missing");
}

TEST(SignatureCheck, SecretMustBeOne) {
    for (const auto* text : {"", "whsec_", "whsec_not base64"}) {
        EXPECT_FALSE(SignatureCheck::with(Secret(text))) << text;
    }
    EXPECT_TRUE(SignatureCheck::with(Secret("plain text")));
}

}  // namespace
}  // namespace fc::cli
