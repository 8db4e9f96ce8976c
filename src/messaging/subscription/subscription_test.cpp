#include "messaging/subscription/subscription.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

TEST(Subscription, PauseAndResumeOnlyWhereTheyChangeSomething) {
    Subscription one;
    const auto now = from_unix_millis(1000);
    EXPECT_EQ(resume(one, now).error().code, "NOT_PAUSED");
    EXPECT_TRUE(pause(one, now, "410 from the target"));
    EXPECT_EQ(one.paused_reason, "410 from the target");
    EXPECT_EQ(pause(one, now, "").error().code, "ALREADY_PAUSED");
    EXPECT_TRUE(resume(one, now + Millis{9}));
    EXPECT_FALSE(one.paused_reason);
    ASSERT_EQ(one.holds.size(), 1U);
    EXPECT_EQ(one.holds[0].from, now);
    EXPECT_EQ(one.holds[0].to, now + Millis{9});
}

TEST(Subscription, ComesBackFromItsJsonAsItWas) {
    Subscription one;
    one.id = Id<Subscription>(7);
    one.target = Url::parse("https://example.com/hook").value();
    one.event_types.push_back({{}, EventTypePattern::parse("order.*").value(), "1.1"});
    one.headers["X-Shop"] = "7";
    one.retry_strategy = RetryStrategy::parse("[0.5,2]").value();
    one.signing_secret = Secret{"secret"};
    one.max_retries = Bounded<1, 1'000>(5);
    EXPECT_TRUE(pause(one, from_unix_millis(1000), ""));
    const auto text = codec::to_json(one, codec::Reveal::yes);
    const auto back = codec::from_json<Subscription>(text).value();
    EXPECT_EQ(codec::to_json(back, codec::Reveal::yes), text);
    EXPECT_EQ(back.signing_secret.reveal(), "secret");
    EXPECT_EQ(codec::to_json(one).find("\"secret\""), std::string::npos) << "masked unless asked to reveal";
}

std::string faults_of(const std::string& json) {
    const auto headers = codec::from_json<TargetHeaders>(json);
    std::string faults;
    if (headers) return faults;
    for (const auto& field : headers.error().fields) faults += field.pointer + ' ' + field.detail + '\n';
    return faults;
}

TEST(TargetHeaders, MayAddButNotReplaceWhatTheProductSets) {
    EXPECT_EQ(faults_of(R"({"Authorization":"Basic eA==","X-Shop":"7","Accept":"a\tb"})"), "");
    for (const auto* name :
         {"Webhook-Id",
          "webhook-signature",
          "x-flowcatalyst-signature",
          "HOST",
          "content-length",
          "Transfer-Encoding",
          "Content-Type"}) {
        const auto faults = faults_of("{\"" + std::string(name) + R"(":"x"})");
        EXPECT_EQ(faults, "/" + std::string(name) + " is set by the product itself\n");
    }
}

TEST(TargetHeaders, CannotSplitARequest) {
    EXPECT_EQ(faults_of(R"({"X-A":"1\r\nHost: evil"})"), "/X-A must not have control characters\n");
    EXPECT_EQ(faults_of(R"({"X-A\r\nHost":"evil"})"), "/X-A\r\nHost is no name of a header\n");
    EXPECT_EQ(faults_of(R"({"":"evil"})"), "/ is no name of a header\n");
    EXPECT_EQ(
        faults_of(R"({"X A":"1","X-B":"\u0000"})"),
        "/X A is no name of a header\n/X-B must not have control characters\n");
}

TEST(TargetHeaders, AreBounded) {
    EXPECT_EQ(faults_of(R"({"X-A":")" + std::string(4'096, 'a') + "\"}"), "");
    EXPECT_EQ(
        faults_of(R"({"X-A":")" + std::string(4'097, 'a') + "\"}"), "/X-A must be at most 4096 bytes\n");
    std::string many = "{";
    for (int i = 0; i < 51; ++i) many += (i ? ",\"X-" : "\"X-") + std::to_string(i) + R"(":"")";
    EXPECT_EQ(faults_of(many + "}"), " must be at most 50\n");
}

}  // namespace
}  // namespace fc::messaging
