#include "messaging/event/event_api.h"

#include "messaging/subscription/subscription_api.h"
#include "resource/api_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;

constexpr Tsid shop{77};
constexpr Tsid other{78};

struct EventApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        auto routes = api.routes();
        routes.add(subscription_api.routes());
        serve(std::move(routes));
    }
    http::Response publish(std::string body) { return send("POST", "/api/events", std::move(body)); }
    http::Response publish_batch(std::string body) {
        return send("POST", "/api/events/batch", std::move(body));
    }
    void subscribe(std::string_view pattern) {
        const auto body = R"({"name":"n)" + std::to_string(++subscribed_) + R"(","eventTypes":[")" +
                          std::string(pattern) + R"("],"targetUrl":"https://example.com/hook"})";
        ASSERT_EQ(send("POST", "/api/subscriptions", body).status, 201);
    }
    std::int64_t stored_events() { return run(store().messages().verify()).events; }
    std::int64_t stored_jobs() { return run(store().messages().verify()).jobs; }
    /// What is delivered of an event that was published with this `data`.
    std::string delivered(const std::string& data) {
        const auto answer = publish(R"({"type":"a.b","source":"s","data":)" + data + "}");
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_TRUE(has(answer, "\"data\":" + data)) << "answered as it came: " << answer.body;
        return run(store().messages().find_event(*Tsid::parse(text_of(answer, "id"))))->data;
    }
    static std::string item(std::string_view dedup = "") {
        return R"({"type":"order.created","source":"shop","deduplicationId":")" + std::string(dedup) + "\"}";
    }
    static std::string items(std::size_t count) {
        std::string list = "[" + item();
        for (std::size_t at = 1; at < count; ++at) list += "," + item();
        return list + "]";
    }

    Catalog catalog{store().documents(), clock, ids};
    http::EgressFilter egress;
    EventApi api{{&store().messages(), &catalog, &clock, &ids}};
    SubscriptionApi subscription_api{{&catalog, &store().messages(), &egress, &clock}};

private:
    int subscribed_ = 0;
};

TEST_F(EventApiTest, TheSeedsExampleIsCreatedWithAJobForEachMatch) {
    subscribe("order.*");
    subscribe("order.created");
    subscribe("payment.*");
    const auto answer =
        publish(R"({"type": "order.created", "source": "order-service", "data": "{\"orderId\": \"123\"}"})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.headers.at(0).second, "/api/events/" + text_of(answer, "id"));
    EXPECT_TRUE(has(answer, R"("dispatchJobCount":2)")) << answer.body;
    EXPECT_TRUE(has(answer, R"("data":"{\"orderId\": \"123\"}")")) << answer.body;
    EXPECT_TRUE(has(answer, R"("specVersion":"1.0")"));
    EXPECT_TRUE(has(answer, R"("time":"2027-01-15T08:00:00.000Z")"));
    EXPECT_FALSE(has(answer, "duplicate"));
    EXPECT_EQ(send("GET", "/api/events/" + text_of(answer, "id")).body, answer.body);
    EXPECT_EQ(stored_jobs(), 2);
}

TEST_F(EventApiTest, EveryMemberIsKept) {
    const std::string body =
        R"({"type":"a.b","source":"s","specVersion":"1.1","subject":"x","time":"2026-01-01T00:00:00.5Z",)"
        R"("data":{},"correlationId":"c","causationId":"d","deduplicationId":"e","messageGroup":"g",)"
        R"("contextData":[{"key":"k","value":"v"}]})";
    const auto path = "/api/events/" + text_of(publish(body), "id");
    const auto answer = send("GET", path);
    for (const auto* part :
         {R"("type":"a.b")",
          R"("source":"s")",
          R"("specVersion":"1.1")",
          R"("subject":"x")",
          R"("time":"2026-01-01T00:00:00.500Z")",
          R"("correlationId":"c")",
          R"("causationId":"d")",
          R"("deduplicationId":"e")",
          R"("messageGroup":"g")",
          R"("contextData":[{"key":"k","value":"v"}])"})
        EXPECT_TRUE(has(answer, part)) << part << " in " << answer.body;
}

TEST_F(EventApiTest, EveryFaultOfABodyIsNamed) {
    const auto unreadable = publish(R"({"time":"yesterday","subject":5})");
    EXPECT_EQ(unreadable.status, 400);
    for (const auto* pointer : {"\"/type\"", "\"/source\"", "\"/time\"", "\"/subject\""})
        EXPECT_TRUE(has(unreadable, pointer)) << pointer << " in " << unreadable.body;
    const auto unfit = publish(R"({"type":"Not A Code","source":""})");
    EXPECT_EQ(unfit.status, 400);
    for (const auto* pointer : {"\"/type\"", "\"/source\""})
        EXPECT_TRUE(has(unfit, pointer)) << pointer << " in " << unfit.body;
    EXPECT_EQ(publish("{").status, 400);
    EXPECT_EQ(publish("[]").status, 400);
    EXPECT_EQ(publish(R"({"type":"a","source":"s","data":"\ud800"})").status, 400) << "half a surrogate";
    EXPECT_EQ(stored_events(), 0);
}

TEST_F(EventApiTest, WhatNoHeaderCanCarryIsRefusedAtOnce) {
    const auto answer =
        publish(R"({"type":"a","source":"s","subject":"x\r\nX-Evil: 1","correlationId":"\u0000"})");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_TRUE(has(answer, "\"/subject\"")) << answer.body;
    EXPECT_TRUE(has(answer, "\"/correlationId\"")) << answer.body;
    const auto longest =
        publish(R"({"type":"a","source":"s","messageGroup":")" + std::string(1'025, 'g') + "\"}");
    EXPECT_TRUE(has(longest, "must be at most 1024 bytes")) << longest.body;
}

TEST_F(EventApiTest, B07_ADuplicateIsAnsweredWithTheStoredOne) {
    subscribe("order.*");
    const auto first = publish(item("k"));
    clock.advance(Millis{5});
    const auto again = publish(R"({"type":"order.deleted","source":"else","deduplicationId":"k"})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(text_of(again, "id"), text_of(first, "id"));
    EXPECT_EQ(text_of(again, "type"), "order.created");
    EXPECT_TRUE(has(again, R"("duplicate":true)")) << again.body;
    EXPECT_EQ(again.headers.at(0).second, "/api/events/" + text_of(first, "id"));
    EXPECT_EQ(stored_events(), 1);
    EXPECT_EQ(stored_jobs(), 1);
}

TEST_F(EventApiTest, ADeduplicationIdIsItsClientsOwn) {
    const auto id_of = [&](Tsid client) {
        caller = client_caller(client);
        return text_of(publish(item("k")), "id");
    };
    const auto mine = id_of(shop);
    EXPECT_NE(id_of(other), mine);
    EXPECT_EQ(id_of(shop), mine);
}

TEST_F(EventApiTest, DataIsDeliveredAsTheBytesItCameIn) {
    for (const std::string data :
         {R"({ "b" : 1.0,  "a":1e2 , "a" : -0 })",
          "12345678901234567890123456789",
          "0.1000000000000000055511151231257827",
          "[1 ,\t2]",
          "null",
          "true"})
        EXPECT_EQ(delivered(data), data);
    EXPECT_EQ(delivered(R"("")"), "");
    EXPECT_EQ(delivered(R"("{ \"a\" : 1.0 }")"), R"({ "a" : 1.0 })");
    EXPECT_EQ(delivered("\"caf\xc3\xa9 \xf0\x9f\x8d\xb0\""), "caf\xc3\xa9 \xf0\x9f\x8d\xb0");
    const auto escaped = publish(R"({"type":"a","source":"s","data":"a\u00e9\n\u0000b"})");
    const auto stored = run(store().messages().find_event(*Tsid::parse(text_of(escaped, "id"))));
    EXPECT_EQ(stored->data, std::string("a\xc3\xa9\n\0b", 6));
}

TEST_F(EventApiTest, B08_ABatchIsReadWithAndWithoutItsEnvelope) {
    subscribe("order.*");
    for (const std::string& body : {items(3), "{\"events\":" + items(3) + "}"}) {
        const auto answer = publish_batch(body);
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_TRUE(has(answer, R"("count":3,"events":[{"id":)")) << answer.body;
    }
    EXPECT_EQ(stored_events(), 6);
    EXPECT_EQ(stored_jobs(), 6);
}

TEST_F(EventApiTest, OneBadEventFailsItsBatch) {
    const auto answer = publish_batch("{\"events\":[" + item() + R"(,{"type":"a"},7]})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(has(answer, "\"/events/1/source\"")) << answer.body;
    EXPECT_TRUE(has(answer, "\"/events/2\"")) << answer.body;
    EXPECT_TRUE(has(publish_batch("[" + item() + R"(,{"type":"a"}])"), "\"/1/source\""));
    EXPECT_EQ(stored_events(), 0);
}

TEST_F(EventApiTest, DuplicatesInABatchAreMarked) {
    const auto answer = publish_batch("[" + item("k") + "," + item() + "," + item("k") + "]");
    EXPECT_EQ(answer.status, 201);
    const auto at = answer.body.find(R"("duplicate":true)");
    ASSERT_NE(at, std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find(R"("duplicate":true)", at + 1), std::string::npos) << answer.body;
    EXPECT_EQ(stored_events(), 2);
}

TEST_F(EventApiTest, ABatchHasOneToAHundredEvents) {
    for (const std::string& body :
         {std::string("[]"),
          std::string(R"({"events":[]})"),
          std::string(R"({"items":[]})"),
          items(101),
          "{\"events\":" + items(101) + "}",
          "{\"items\":" + items(101) + "}",
          std::string("{}"),
          std::string("7"),
          std::string(R"({"events":7})")})
        EXPECT_EQ(publish_batch(body).status, 400) << body.substr(0, 20);
    EXPECT_EQ(stored_events(), 0);
    EXPECT_EQ(publish_batch(items(100)).status, 201);
    EXPECT_EQ(stored_events(), 100);
}

TEST_F(EventApiTest, OneBadItemDoesNotFailTheRest) {
    publish(item("k"));
    const auto answer =
        publish_batch("{\"items\":[" + item() + R"(,{"type":"a"},null,)" + item("k") + "," + item() + "]}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string statuses;
    for (std::size_t at = 0; (at = answer.body.find(R"("status":")", at)) != std::string::npos; at += 10)
        statuses += answer.body[at + 10];
    EXPECT_EQ(statuses, "CEEDC") << answer.body;
    EXPECT_TRUE(has(answer, R"("error":"/source is required")")) << answer.body;
    EXPECT_EQ(stored_events(), 3);
}

TEST_F(EventApiTest, DataAboveAMebibyteIsRefusedInEachForm) {
    const auto large = R"({"type":"a","source":"s","data":")" + std::string(1U << 20U, 'x') + "\"}";
    EXPECT_TRUE(has(publish_batch("[" + large + "]"), R"("/0/data")"));
    EXPECT_TRUE(has(publish_batch("{\"events\":[" + item() + "," + large + "]}"), R"("/events/1/data")"));
    const auto answer = publish_batch("{\"items\":[" + large + "," + item() + "]}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(has(answer, R"("error":"/data must be at most 1 MiB")")) << answer.body;
    EXPECT_EQ(stored_events(), 1);
}

TEST_F(EventApiTest, OthersTenantsEventsAreNotThere) {
    caller = client_caller(shop);
    const auto path = "/api/events/" + text_of(publish(item()), "id");
    EXPECT_EQ(send("GET", path).status, 200);
    caller = client_caller(other);
    EXPECT_EQ(send("GET", path).status, 404);
    caller = client_caller(Tsid{});
    caller.client_id.reset();
    EXPECT_EQ(send("GET", path).status, 404);
    caller = http::administrator(Id<Principal>{1}, "tester");
    EXPECT_EQ(send("GET", path).status, 200);
    EXPECT_EQ(send("GET", "/api/events/0000000000001").status, 404);
    EXPECT_EQ(send("GET", "/api/events/nonsense").status, 400);
}

TEST_F(EventApiTest, OnlyAnAnchorChoosesAClient) {
    const auto chosen = other.to_string();
    fields = {{"X-Client-ID", chosen}};
    EXPECT_EQ(text_of(publish(item()), "clientId"), chosen);
    EXPECT_TRUE(has(publish_batch(items(1)), "\"clientId\":\"" + chosen + '"'));
    caller = client_caller(shop);
    EXPECT_EQ(text_of(publish(item()), "clientId"), shop.to_string());
    caller = http::administrator(Id<Principal>{1}, "tester");
    fields = {{"X-Client-ID", "nonsense"}};
    EXPECT_TRUE(has(publish(item()), "INVALID_CLIENT_ID"));
    EXPECT_TRUE(has(publish_batch(items(1)), "INVALID_CLIENT_ID"));
}

TEST_F(EventApiTest, EachRouteAsksForItsPermission) {
    caller = client_caller(shop, {"platform:messaging:event:view"});
    EXPECT_EQ(publish(item()).status, 403);
    EXPECT_EQ(publish_batch(items(1)).status, 403);
    EXPECT_EQ(send("GET", "/api/events/0000000000001").status, 404);
    caller = client_caller(shop, {"platform:messaging:event:create"});
    EXPECT_EQ(publish(item()).status, 201);
    EXPECT_EQ(send("GET", "/api/events/0000000000001").status, 403);
}

}  // namespace
}  // namespace fc::messaging
