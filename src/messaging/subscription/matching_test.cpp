#include "messaging/subscription/matching.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

constexpr Tsid shop{77};

Subscription wants(const char* pattern, std::optional<std::string> version = {}) {
    Subscription one;
    one.event_types.push_back({{}, EventTypePattern::parse(pattern).value(), std::move(version)});
    return one;
}

store::EventRecord created(Tsid client_id = {}) {
    store::EventRecord event;
    event.type = "order.created";
    event.client_id = client_id;
    return event;
}

TEST(Matching, SaysTheFirstReasonWhyNot) {
    auto own = wants("order.*");
    own.client_id = shop;
    EXPECT_EQ(matches(own, created(shop)), Match::yes);
    EXPECT_EQ(matches(own, created(Tsid{78})), Match::other_client);
    EXPECT_EQ(matches(own, created()), Match::other_client) << "a client does not see the platform's";
    EXPECT_EQ(matches(wants("order.*"), created(shop)), Match::yes) << "the platform sees every tenant's";
    EXPECT_EQ(matches(wants("payment.*"), created()), Match::other_type);
    EXPECT_EQ(matches(wants("order.*", "2.0"), created()), Match::other_version);
}

TEST(Matching, AFilterIsTheLastReason) {
    auto one = wants("order.*", "1.0");
    one.filter = codec::from_json<PayloadFilter>(R"({"data.amount":{"gt":5}})").value();
    auto event = created();
    event.data = R"({"amount":6})";
    EXPECT_EQ(matches(one, event), Match::yes);
    event.data = R"({"amount":5})";
    EXPECT_EQ(matches(one, event), Match::filtered_out);
    event.spec_version = "2.0";
    EXPECT_EQ(matches(one, event), Match::other_version);
}

TEST(Matching, OneBindingThatFitsIsEnough) {
    auto one = wants("order.created", "2.0");
    one.event_types.push_back(wants("order.**").event_types[0]);
    one.event_types.push_back(wants("order.created", "3.0").event_types[0]);
    EXPECT_EQ(matches(one, created()), Match::yes);
}

}  // namespace
}  // namespace fc::messaging
