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

TEST(Subscription, ARotatedSecretSignsUntilItsGraceEnds) {
    Subscription one;
    one.signing_secret = Secret{"first"};
    const auto now = from_unix_millis(1000);
    EXPECT_FALSE(previous_secret(one, now));
    ASSERT_TRUE(rotate_secret(one, Secret{"second"}, seconds{10}, now));
    EXPECT_EQ(one.signing_secret.reveal(), "second");
    EXPECT_EQ(previous_secret(one, now + Millis{9'999}), Secret{"first"});
    EXPECT_FALSE(previous_secret(one, now + Millis{10'000}));

    EXPECT_EQ(rotate_secret(one, Secret{"third"}, seconds{10}, now).error().code, "ROTATION_IN_PROGRESS");
    EXPECT_EQ(one.signing_secret.reveal(), "second");
    const auto later = now + Millis{10'000};
    ASSERT_TRUE(rotate_secret(one, Secret{"third"}, seconds{10}, later)) << "the grace is over";
    EXPECT_EQ(previous_secret(one, later), Secret{"second"});
    ASSERT_TRUE(rotate_secret(one, Secret{"fourth"}, seconds{0}, later)) << "without grace it always may";
    EXPECT_EQ(one.signing_secret.reveal(), "fourth");
    EXPECT_FALSE(previous_secret(one, later));
    EXPECT_TRUE(one.previous_secret.empty()) << "what signs no more is not kept";
}

TEST(Subscription, AGraceCanBeEndedAtOnce) {
    Subscription one;
    one.signing_secret = Secret{"first"};
    const auto now = from_unix_millis(1000);
    EXPECT_EQ(end_grace(one, now).error().code, "NO_PREVIOUS_SECRET");
    ASSERT_TRUE(rotate_secret(one, Secret{"second"}, seconds{10}, now));
    EXPECT_TRUE(end_grace(one, now));
    EXPECT_FALSE(previous_secret(one, now));
    EXPECT_TRUE(one.previous_secret.empty());
    EXPECT_EQ(one.signing_secret.reveal(), "second");
}

}  // namespace
}  // namespace fc::messaging
