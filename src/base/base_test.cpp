#include "base/encoding.h"
#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"

#include <gtest/gtest.h>

namespace fc {

TEST(Tsid, RoundTripsThroughItsText) {
    const auto id = Tsid{0x0123456789ABCDEFULL};
    EXPECT_EQ(id.to_string().size(), 13U);
    EXPECT_EQ(Tsid::parse(id.to_string()), id);
}

TEST(Tsid, RefusesWhatIsNotThirteenCrockfordCharacters) {
    EXPECT_FALSE(Tsid::parse(""));
    EXPECT_FALSE(Tsid::parse("0HZXEQ5Y8JY5"));
    EXPECT_FALSE(Tsid::parse("ZZZZZZZZZZZZZ"));
    EXPECT_FALSE(Tsid::parse("0HZXEQ5Y8JY5!"));
}

TEST(TsidGenerator, B46OnlyGrowsWithinAMillisecondAndWhenTheClockStepsBack) {
    ManualClock clock;
    TsidGenerator ids{clock};
    auto last = ids.next();
    for (int i = 0; i < 100'000; ++i) {
        if (i == 50'000) clock.advance(Millis{-3'600'000});
        const auto next = ids.next();
        ASSERT_GT(next, last);
        last = next;
    }
}

TEST(TsidGenerator, StartsAboveItsFloor) {
    ManualClock clock;
    const auto floor = TsidGenerator{clock}.next().value + (1ULL << 40U);
    EXPECT_GT((TsidGenerator{clock, floor}.next().value), floor);
}

TEST(Time, RoundTripsAndReadsOffsets) {
    const auto time = from_rfc3339("2026-01-31T10:20:30.123Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(to_rfc3339(*time), "2026-01-31T10:20:30.123Z");
    EXPECT_EQ(from_rfc3339("2026-01-31T12:20:30.123456+02:00"), time);
}

TEST(Time, RefusesWhatIsNotATime) {
    for (const auto* text :
         {"",
          "yesterday",
          "2026-13-01T00:00:00Z",
          "2026-01-31T25:00:00Z",
          "2026-01-31T10:20:30",
          "9999-12-31T23:00:00-01:00",
          "0000-01-01T00:59:59+01:00"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

TEST(Url, AcceptsHttpAndRefusesTheRest) {
    EXPECT_TRUE(Url::parse("http://localhost:9000/hook?a=1"));
    EXPECT_TRUE(Url::parse("https://webhook.example.com/orders"));
    for (const auto* text :
         {"",
          "orders",
          "file:///etc/passwd",
          "http://",
          "ftp://a.b/c",
          "http://u:p@host/",
          "http://a b/",
          "http://host:0/",
          "http://host:99999/",
          "http://host:65536/"}) {
        EXPECT_FALSE(Url::parse(text)) << text;
    }
}

TEST(Code, B05AllowsColonsBetweenSegments) {
    EXPECT_TRUE(Code::parse("orders:fulfilment:order:created"));
    EXPECT_TRUE(Code::parse("order.created"));
    for (const auto* text : {"", ".a", "a.", "a..b", "Order", "a b", "-a"})
        EXPECT_FALSE(Code::parse(text)) << text;
}

TEST(Code, SlugOfANameIsACode) {
    EXPECT_EQ(Code::slug_of("Order Notifications").text(), "order-notifications");
    EXPECT_EQ(Code::slug_of("  ").text(), "unnamed");
}

TEST(Encoding, Base64IsStrict) {
    EXPECT_EQ(from_base64(to_base64("hello")), "hello");
    EXPECT_EQ(from_base64(""), "");
    for (const auto* text : {"a", "aGVsbG8", "aGVs bG8=", "aGVsbG9="})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Encoding, HmacMatchesRfc4231) {
    EXPECT_EQ(
        to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Encoding, Utf8FollowsRfc3629) {
    EXPECT_TRUE(is_valid_utf8("grün 漢字 🎉"));
    for (const auto* text : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80", "\xE2\x82"}) {
        EXPECT_FALSE(is_valid_utf8(text));
    }
}

TEST(Encoding, PercentDecodesOnce) {
    EXPECT_EQ(percent_decode("a%2Fb%3a+c"), "a/b:+c");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%zz"));
}

}  // namespace fc
