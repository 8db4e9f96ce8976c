#include "queue/nats/js_api.h"

#include <gtest/gtest.h>

#include <set>

namespace fc::queue::js {

TEST(JsApi, ReadsConfirmations) {
    EXPECT_EQ(confirmation(R"({"stream":"DISPATCH","seq":7})"), Confirmation::stored);
    EXPECT_EQ(confirmation(R"({"stream":"DISPATCH","seq":7,"duplicate": true})"), Confirmation::duplicate);
    EXPECT_EQ(
        confirmation(R"({"error":{"code":503,"description":"maximum bytes exceeded"},"seq":0})"),
        Confirmation::refused);
    EXPECT_EQ(confirmation(""), Confirmation::refused);
}

TEST(JsApi, DurableNamesAreDistinctAndWithinWhatServersTake) {
    std::set<std::string> names;
    const auto subjects = {
        PoolSubject::of_pool("a.b"),
        PoolSubject::present("a.b").value(),
        PoolSubject::of_pool("a=2Eb"),
        PoolSubject::of_pool("a_2Eb"),
        PoolSubject::of_pool("käse"),
        PoolSubject::of_pool(std::string(250, '.')),
        PoolSubject::of_pool(std::string(249, '.'))};
    for (const auto& subject : subjects) {
        const auto name = durable_name(subject);
        EXPECT_LE(name.size(), 200u);
        EXPECT_EQ(name.find_first_of("%.*> /\\"), name.npos) << name;
        names.insert(name);
    }
    EXPECT_EQ(names.size(), subjects.size());
}

TEST(JsApi, NoticesASettingThatTheServerDropped) {
    const auto asked = create_consumer(
        {}, {.durable = "router-default", .filter_subject = "dispatch.default", .owner = "me"});
    EXPECT_EQ(owner_of(asked), "me");
    EXPECT_EQ(consumer_difference(asked, asked), "");
    auto echo = asked;
    echo.replace(echo.find(R"("max_ack_pending":-1)"), 20, R"("max_ack_pending":1000)");
    EXPECT_EQ(consumer_difference(asked, echo), "max_ack_pending");
    echo = asked;
    echo.replace(echo.find(R"("filter_subject":)"), 17, R"("other":)");
    EXPECT_EQ(consumer_difference(asked, echo), "filter_subject");
    EXPECT_EQ(consumer_difference(asked, "no JSON"), "durable_name");
}

TEST(JsApi, LeavesAStreamAloneThatKeepsMessagesUntilAcked) {
    std::string why;
    const auto info = R"({"config":)" + create_stream({}) + "}";
    EXPECT_EQ(adapt_stream(info, {}, why), "");
}

TEST(JsApi, ChangesOnlyWhatLosesMessages) {
    std::string why;
    const auto info =
        R"({"config":{"name":"DISPATCH","retention":"workqueue","subjects":["other.>"],"max_age":8640000000,)"
        R"("discard":"old","num_replicas":3}})";
    const auto update = adapt_stream(info, {}, why);
    ASSERT_TRUE(update);
    EXPECT_EQ(
        *update,
        R"({"name":"DISPATCH","retention":"workqueue","subjects":["other.>","dispatch.>"],"max_age":0,)"
        R"("discard":"new","num_replicas":3})");
}

TEST(JsApi, RefusesAStreamThatDoesNotRemoveOnAck) {
    std::string why;
    EXPECT_FALSE(adapt_stream(R"({"config":{"retention":"limits"}})", {}, why));
    EXPECT_NE(why.find("retention 'limits'"), why.npos) << why;
}

TEST(JsApi, ReadsSubjectsAndStateOfAStream) {
    const auto info =
        R"({"total":3,"created":"2026-01-01T00:00:00.5Z",)"
        R"("state":{"messages":5,"last_seq":9,"subjects":{"dispatch.a":2,"dispatch.b%2Ec":3}}})";
    const auto page = subjects_page(info);
    EXPECT_EQ(page.total, 3u);
    EXPECT_EQ(page.subjects.size(), 2u);
    EXPECT_EQ(stream_state(info).created, "2026-01-01T00:00:00.5Z");
    EXPECT_EQ(stream_state(info).last_sequence, 9u);
}

}  // namespace fc::queue::js
