#include "messaging/event_type/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace fc::messaging {
namespace {

EventTypePattern pattern(std::string_view text) {
    return EventTypePattern::parse(text).value();
}

bool matches(std::string_view text, std::string_view event_type) {
    const auto parsed = pattern(text);
    PatternIndex<int> index;
    index.add(parsed, 1);
    int seen = 0;
    index.for_each_match(event_type, [&](int) { ++seen; });
    EXPECT_EQ(seen == 1, parsed.matches(event_type)) << text << " and " << event_type;
    return seen == 1;
}

TEST(EventTypePattern, ExactMatchesItselfOnly) {
    EXPECT_TRUE(matches("order:created", "order:created"));
    EXPECT_FALSE(matches("order:created", "order.created"));
    EXPECT_FALSE(matches("order:created", "order:created:v2"));
    EXPECT_FALSE(matches("order:created", "order"));
}

TEST(EventTypePattern, StarIsOneSegment) {
    EXPECT_TRUE(matches("order.*", "order.created"));
    EXPECT_FALSE(matches("order.*", "order.created.v2"));
    EXPECT_FALSE(matches("order.*", "order"));
    EXPECT_FALSE(matches("order.*", "order:created"));
    EXPECT_TRUE(matches("app:*:order:*", "app:sales:order:created"));
    EXPECT_FALSE(matches("app:*:order:*", "app:sales:invoice:created"));
    EXPECT_TRUE(matches("*:created", "order:created"));
    EXPECT_TRUE(matches("*", "order"));
    EXPECT_FALSE(matches("*", "order:created"));
}

TEST(EventTypePattern, TwoStarsAtTheEndAreOneOrMoreSegments) {
    EXPECT_TRUE(matches("order.**", "order.created"));
    EXPECT_TRUE(matches("order.**", "order.created.v2:x"));
    EXPECT_FALSE(matches("order.**", "order"));
    EXPECT_FALSE(matches("order.**", "order:created"));
    EXPECT_FALSE(matches("order.**", "orders.created"));
    EXPECT_TRUE(matches("**", "order"));
    EXPECT_TRUE(matches("**", "a:b.c"));
    EXPECT_TRUE(matches("*:order:**", "app:order:created:v1"));
}

TEST(EventTypePattern, RefusesWhatIsNoPattern) {
    const std::string too_long(256, 'a');
    for (const std::string text :
         {"",
          ":a",
          "a:",
          "a::b",
          "**.a",
          "a.**.b",
          "ord*",
          "a.*b",
          "a.***",
          "a b",
          "a/b",
          "-a",
          "_",
          "a.é",
          too_long.c_str()}) {
        const auto refused = EventTypePattern::parse(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, "INVALID_EVENT_TYPE");
    }
    for (const auto* text : {"a", "0", "A.b", "a:-b", "a._x", "*.*", "**", "*:**"})
        EXPECT_TRUE(EventTypePattern::parse(text)) << text;
}

TEST(EventTypeCode, IsAPatternWithoutStarsAndKeepsItsCase) {
    for (const auto* text : {"order.created", "Microsoft.Storage.BlobCreated", "a:b.C_d-e"})
        EXPECT_EQ(EventTypeCode::parse(text).value().text(), text);
    for (const auto* text : {"", "order.*", "**", "order created", "order/created", ".a"})
        EXPECT_EQ(EventTypeCode::parse(text).error().code, "INVALID_EVENT_TYPE") << text;
    EXPECT_FALSE(matches("order.Created", "order.created"));
}

std::string random_text(std::mt19937& random, bool may_have_stars) {
    std::string text;
    const auto segments = 1 + random() % 4;
    for (unsigned i = 0; i < segments; ++i) {
        if (i > 0) text += random() % 2 == 0 ? ':' : '.';
        const auto kind = may_have_stars ? random() % 5 : 4;
        if (kind == 0 && i + 1 == segments) {
            text += "**";
        } else if (kind <= 1) {
            text += '*';
        } else {
            text += static_cast<char>('a' + random() % 3);
        }
    }
    return text;
}

TEST(PatternIndex, FindsWhatEachPatternSaysAlsoAfterRemovals) {
    std::mt19937 random(11);
    std::vector<EventTypePattern> patterns;
    PatternIndex<int> index;
    for (int i = 0; i < 400; ++i) {
        patterns.push_back(pattern(random_text(random, true)));
        index.add(patterns.back(), i);
    }
    std::vector<bool> is_there(patterns.size(), true);
    for (int round = 0; round < 300; ++round) {
        const auto type = random_text(random, false);
        std::vector<int> expected;
        for (int i = 0; i < 400; ++i) {
            if (is_there[i] && patterns[i].matches(type)) expected.push_back(i);
        }
        std::vector<int> found;
        index.for_each_match(type, [&](int value) { found.push_back(value); });
        std::ranges::sort(found);
        ASSERT_EQ(found, expected) << type;
        const int gone = static_cast<int>(random() % 400);
        EXPECT_EQ(index.remove(patterns[gone], gone), is_there[gone]);
        is_there[gone] = false;
    }
    for (int i = 0; i < 400; ++i) index.remove(patterns[i], i);
    EXPECT_EQ(index.size(), 0U);
}

TEST(SubscriptionIndex, AnEventMeetsThePlatformsAndItsOwnClientsSubscriptionsOnce) {
    const Tsid a{1};
    const Tsid b{2};
    SubscriptionIndex<int> index;
    index.add(std::nullopt, pattern("order.*"), 1);
    index.add(a, pattern("order.created"), 2);
    index.add(a, pattern("order.**"), 2);
    index.add(b, pattern("order.created"), 3);
    EXPECT_EQ(index.find(a, "order.created"), (std::vector<int>{1, 2}));
    EXPECT_EQ(index.find(b, "order.created"), (std::vector<int>{1, 3}));
    EXPECT_EQ(index.find(std::nullopt, "order.created"), (std::vector<int>{1}));
    EXPECT_TRUE(index.find(a, "invoice.created").empty());
    EXPECT_TRUE(index.remove(b, pattern("order.created"), 3));
    EXPECT_FALSE(index.remove(b, pattern("order.created"), 3));
    EXPECT_EQ(index.find(b, "order.created"), (std::vector<int>{1}));
}

TEST(SubscriptionIndex, FindsAmongFiftyThousandWithoutLookingAtThem) {
    SubscriptionIndex<int> index;
    for (int i = 0; i < 50'000; ++i) {
        const auto name = "app" + std::to_string(i % 500) + ":area:thing" + std::to_string(i);
        index.add(std::nullopt, pattern(i % 2 == 0 ? name + ":created" : name + ":*"), i);
    }
    index.add(std::nullopt, pattern("app7:**"), 60'000);
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(index.find(std::nullopt, "app7:area:thing507:created"), (std::vector<int>{507, 60'000}));
    }
    // A scan of all patterns takes milliseconds each time, this microseconds: the bound tells them apart on
    // any machine.
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace fc::messaging
