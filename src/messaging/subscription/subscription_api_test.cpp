#include "messaging/subscription/subscription_api.h"

#include "messaging/delivery/signing.h"
#include "messaging/dispatch_pool/dispatch_pool_api.h"
#include "resource/api_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;

constexpr Tsid shop{77};
constexpr Tsid other{78};

constexpr std::string_view seed_example = R"({
  "name": "Order Notifications",
  "eventTypes": ["order.created", "order.updated"],
  "targetUrl": "https://webhook.example.com/orders",
  "dispatchPoolId": "default"
})";

struct SubscriptionApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        auto routes = api.routes();
        routes.add(pool_api.routes());
        serve(std::move(routes));
    }
    std::string create(std::string_view body = seed_example) {
        const auto answer = send("POST", "/api/subscriptions", std::string(body));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return "/api/subscriptions/" + text_of(answer, "id");
    }
    /// An event with one job of the subscription.
    Tsid add_job(Tsid subscription) {
        store::NewEvent made;
        made.event.id = ids.next();
        made.event.type = "order.created";
        made.event.created_at = clock.now();
        made.event.job_count = 1;
        store::JobRecord job;
        job.id = ids.next();
        job.event_id = made.event.id;
        job.owner = subscription;
        job.message_group = "order-1";
        job.counted_pool = catalog.default_pool()->id;
        made.jobs.push_back(job);
        std::vector<store::NewEvent> events;
        events.push_back(std::move(made));
        run(store().messages().append(std::move(events)));
        return job.id;
    }

    std::vector<SubscriptionPtr> matched(std::string_view type, Tsid client_id = {}) {
        store::EventRecord event;
        event.type = type;
        event.client_id = client_id;
        return catalog.match(event);
    }

    Catalog catalog{store().documents(), clock, ids};
    http::EgressFilter egress;
    SubscriptionApi api{{&catalog, &store().messages(), &egress, &clock}};
    DispatchPoolApi pool_api{{&catalog, &store().messages()}};
};

TEST_F(SubscriptionApiTest, B01_TheSeedsExampleIsCreated) {
    const auto answer = send("POST", "/api/subscriptions", std::string(seed_example));
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.headers.at(0).second, "/api/subscriptions/" + text_of(answer, "id"));
    EXPECT_EQ(text_of(answer, "code"), "order-notifications");
    EXPECT_TRUE(
        has(answer, R"("eventTypes":[{"eventTypeCode":"order.created"},{"eventTypeCode":"order.updated"}])"));
    EXPECT_EQ(text_of(answer, "target"), "https://webhook.example.com/orders");
    EXPECT_EQ(text_of(answer, "targetUrl"), "https://webhook.example.com/orders");
    EXPECT_EQ(text_of(answer, "dispatchPoolId"), catalog.default_pool()->id.to_string());
    EXPECT_EQ(text_of(answer, "dispatchPoolCode"), "default");
    EXPECT_EQ(text_of(answer, "mode"), "NEXT_ON_ERROR");
    EXPECT_EQ(text_of(answer, "status"), "ACTIVE");
    EXPECT_TRUE(has(answer, R"("timeoutSeconds":30)"));
    EXPECT_TRUE(has(answer, R"("dataOnly":true)"));
    EXPECT_TRUE(has(answer, R"("maxAgeSeconds":86400)"));
    EXPECT_FALSE(has(answer, "maxRetries"));
    EXPECT_EQ(matched("order.created").size(), 1U) << "it matches from now on";
}

TEST_F(SubscriptionApiTest, TheReferencesNamesAreReadToo) {
    send("POST", "/api/dispatch-pools", R"({"code":"slow"})");
    const auto answer = send("POST", "/api/subscriptions", R"({
        "code":"orders","name":"Orders","target":"https://example.com/a","clientId":null,
        "eventTypes":[{"eventTypeCode":"order:*","specVersion":"1.1"},{"eventTypeCode":"x","specVersion":""}],
        "dispatchPoolCode":"slow","mode":"block_on_error","timeoutSeconds":900,"maxRetries":4,
        "retryStrategy":[0.05,1],"maxAgeSeconds":60,"delaySeconds":2,"sequence":5,"dataOnly":false,
        "headers":{"X-Shop":"7"},"customConfig":[{"key":"a","value":"b"}],"queue":"q",
        "serviceAccountId":"0000000000009"})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    for (const auto* part :
         {R"("code":"orders")",
          R"("target":"https://example.com/a","targetUrl":"https://example.com/a")",
          R"({"eventTypeCode":"order:*","specVersion":"1.1"},{"eventTypeCode":"x"}])",
          R"("dispatchPoolCode":"slow")",
          R"("mode":"BLOCK_ON_ERROR")",
          R"("timeoutSeconds":900)",
          R"("maxRetries":4)",
          R"("retryStrategy":[0.05,1])",
          R"("maxAgeSeconds":60)",
          R"("delaySeconds":2)",
          R"("sequence":5)",
          R"("dataOnly":false)",
          R"("headers":{"X-Shop":"7"})",
          R"("customConfig":[{"key":"a","value":"b"}])",
          R"("serviceAccountId":"0000000000009")"})
        EXPECT_TRUE(has(answer, part)) << part << " in " << answer.body;
}

TEST_F(SubscriptionApiTest, TheSecretIsShownOnlyWhenItIsMade) {
    const auto created = send("POST", "/api/subscriptions", std::string(seed_example));
    const auto secret = text_of(created, "signingSecret");
    EXPECT_TRUE(secret.starts_with("whsec_")) << created.body;
    EXPECT_TRUE(WebhookSigner::with(Secret{secret}));
    const auto path = "/api/subscriptions/" + text_of(created, "id");
    for (const auto& answer :
         {send("GET", path),
          send("GET", "/api/subscriptions"),
          send("PUT", path, "{}"),
          send("POST", path + "/pause")})
        EXPECT_FALSE(has(answer, "signingSecret")) << answer.body;
    EXPECT_EQ(catalog.subscriptions().all().at(0)->signing_secret.reveal(), secret) << "an edit keeps it";
    const auto own = send(
        "POST",
        "/api/subscriptions",
        R"({"name":"a","eventTypes":["a"],"target":"https://a.b","signingSecret":"mine"})");
    EXPECT_EQ(text_of(own, "signingSecret"), "mine");
}

TEST_F(SubscriptionApiTest, B06_AnEditLeavesAbsentMembersAsTheyAre) {
    send("POST", "/api/dispatch-pools", R"({"code":"slow"})");
    const auto path = create(R"({"name":"Orders","eventTypes":["order.*"],"targetUrl":"https://a.b/c",
        "dispatchPoolId":"slow","maxRetries":3,"serviceAccountId":"0000000000009","dataOnly":false})");
    const auto before = send("GET", path).body;
    clock.advance(Millis{1'500});
    const auto edited = send("PUT", path, R"({"name":"Orders"})");
    EXPECT_EQ(edited.status, 200);
    auto expected = before;
    expected.replace(expected.rfind("00.000Z"), 7, "01.500Z");
    EXPECT_EQ(edited.body, expected) << "B-31: only updatedAt moves";
    EXPECT_EQ(send("GET", path).body, expected);
    EXPECT_FALSE(has(send("PUT", path, R"({"maxRetries":null})"), "maxRetries"));
}

TEST_F(SubscriptionApiTest, OfTwoSpellingsTheChangedOneCounts) {
    send("POST", "/api/dispatch-pools", R"({"code":"slow"})");
    const auto path = create();
    const auto answer = send(
        "PUT",
        path,
        R"({"target":"https://new.example","targetUrl":"https://webhook.example.com/orders",
            "dispatchPoolId":"default","dispatchPoolCode":"slow"})");
    EXPECT_EQ(text_of(answer, "targetUrl"), "https://new.example") << answer.body;
    EXPECT_EQ(text_of(answer, "dispatchPoolCode"), "slow");
    const auto back = send(
        "PUT",
        path,
        R"({"target":"https://new.example","targetUrl":"https://newer.example",
            "dispatchPoolId":"default","dispatchPoolCode":"slow"})");
    EXPECT_EQ(text_of(back, "target"), "https://newer.example") << back.body;
    EXPECT_EQ(text_of(back, "dispatchPoolCode"), "default");
}

TEST_F(SubscriptionApiTest, EditedEventTypesMatchAtOnce) {
    const auto path = create();
    EXPECT_EQ(send("PUT", path, R"({"eventTypes":["payment.**"]})").status, 200);
    EXPECT_TRUE(matched("order.created").empty());
    EXPECT_EQ(matched("payment.made").size(), 1U);
}

TEST_F(SubscriptionApiTest, WhenWhatItWantsChangedIsKept) {
    const auto path = create();
    const auto made_at = clock.now();
    const auto changed_at = [&] { return catalog.subscriptions().all().at(0)->wants_changed_at; };
    EXPECT_EQ(changed_at(), made_at);
    clock.advance(Millis{1'000});
    send("PUT", path, R"({"name":"b","eventTypes":["order.created","order.updated"],"filter":null})");
    EXPECT_EQ(changed_at(), made_at) << "it wants the same";
    send("PUT", path, R"({"filter":{"data.total":{"gte":1}}})");
    EXPECT_EQ(changed_at(), clock.now());
    clock.advance(Millis{1'000});
    send("PUT", path, R"({"eventTypes":["order.**"]})");
    EXPECT_EQ(changed_at(), clock.now());
    EXPECT_FALSE(has(send("GET", path), "wantsChangedAt")) << "for explanations only";
}

TEST_F(SubscriptionApiTest, PausesAndResumes) {
    const auto path = create();
    EXPECT_TRUE(has(send("POST", path + "/pause"), R"("status":"PAUSED")"));
    EXPECT_TRUE(has(send("POST", path + "/pause"), R"("error":"ALREADY_PAUSED")"));
    EXPECT_TRUE(has(send("GET", "/api/subscriptions?status=PAUSED"), R"("total":1)"));
    EXPECT_TRUE(has(send("POST", path + "/resume"), R"("status":"ACTIVE")"));
    EXPECT_TRUE(has(send("POST", path + "/resume"), R"("error":"NOT_PAUSED")"));
    EXPECT_TRUE(has(send("GET", "/api/subscriptions?status=PAUSED"), R"({"subscriptions":[],"total":0)"));
}

TEST_F(SubscriptionApiTest, APauseByTheProductSaysWhy) {
    const auto path = create();
    const auto id = catalog.subscriptions().all().at(0)->id;
    run(catalog.pause(id, "the target answered 410 Gone")).value();
    EXPECT_EQ(text_of(send("GET", path), "pausedReason"), "the target answered 410 Gone");
    EXPECT_FALSE(has(send("POST", path + "/resume"), "pausedReason"));
}

TEST_F(SubscriptionApiTest, DeletingCancelsWhatIsOpen) {
    const auto path = create();
    const auto id = catalog.subscriptions().all().at(0)->id;
    const std::vector<Tsid> jobs{add_job(id), add_job(id), add_job(id)};
    EXPECT_EQ(send("DELETE", path).status, 204);
    EXPECT_EQ(send("GET", path).status, 404);
    EXPECT_EQ(send("DELETE", path).status, 404);
    EXPECT_TRUE(matched("order.created").empty());
    for (const auto job : jobs) {
        const auto stored = run(store().messages().find_job(job));
        ASSERT_TRUE(stored);
        EXPECT_EQ(stored->status, store::JobStatus::cancelled);
        EXPECT_EQ(stored->last_error, "the subscription was deleted");
    }
    EXPECT_EQ(run(store().messages().verify()).differences, std::vector<std::string>());
}

TEST_F(SubscriptionApiTest, TheSameNameGetsTheNextCode) {
    create();
    const auto second = send("POST", "/api/subscriptions", std::string(seed_example));
    EXPECT_EQ(text_of(second, "code"), "order-notifications-2");
    const auto taken = send(
        "POST",
        "/api/subscriptions",
        R"({"code":"order-notifications","name":"a","eventTypes":["a"],"target":"https://a.b"})");
    EXPECT_EQ(taken.status, 409);
    EXPECT_TRUE(has(taken, R"("error":"CODE_EXISTS")")) << taken.body;
}

TEST_F(SubscriptionApiTest, B37_ListsAreNeverNullAndAlwaysPaged) {
    EXPECT_EQ(send("GET", "/api/subscriptions").body, R"({"subscriptions":[],"total":0,"page":0,"size":20})");
    for (int i = 0; i < 3; ++i) create();
    const auto page = send("GET", "/api/subscriptions?page=1&size=2");
    EXPECT_TRUE(has(page, R"("total":3,"page":1,"size":2})")) << page.body;
    EXPECT_TRUE(has(page, "order-notifications-3"));
    EXPECT_FALSE(has(page, "order-notifications-2"));
}

TEST_F(SubscriptionApiTest, B27_AClientMayOnlyTouchItsOwn) {
    const auto platforms = create();
    caller = client_caller(other);
    const auto theirs = create();
    caller = client_caller(shop);
    for (const auto& path : {platforms, theirs}) {
        for (const auto* method : {"GET", "PUT", "PATCH", "DELETE"})
            EXPECT_EQ(send(method, path, method[0] == 'P' ? "{}" : "").status, 404) << method;
        for (const auto* action : {"/pause", "/resume", "/rotate-secret"})
            EXPECT_EQ(send("POST", path + action).status, 404) << action;
        EXPECT_EQ(send("DELETE", path + "/previous-secret").status, 404);
    }
    const auto own = create();
    EXPECT_EQ(text_of(send("GET", own), "clientId"), shop.to_string());
    EXPECT_TRUE(has(send("GET", "/api/subscriptions"), R"("total":1)"));
    EXPECT_EQ(matched("order.created", shop).size(), 2U) << "the platform's and its own";
    const auto for_other =
        R"({"name":"a","eventTypes":["a"],"target":"https://a.b","clientId":")" + other.to_string() + "\"}";
    EXPECT_EQ(send("POST", "/api/subscriptions", for_other).status, 403);
}

TEST_F(SubscriptionApiTest, AnotherClientsPoolIsUnknown) {
    caller = client_caller(other);
    const auto pool = text_of(send("POST", "/api/dispatch-pools", R"({"code":"theirs"})"), "id");
    caller = client_caller(shop);
    const auto answer = send(
        "POST",
        "/api/subscriptions",
        R"({"name":"a","eventTypes":["a"],"target":"https://a.b","dispatchPoolId":")" + pool + "\"}");
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(has(answer, R"("pointer":"/dispatchPoolId")")) << answer.body;
}

TEST_F(SubscriptionApiTest, EachRouteNamesItsPermission) {
    const auto path = create();
    caller = client_caller(shop, {"platform:messaging:event:create"});
    EXPECT_TRUE(has(send("GET", path), "platform:messaging:subscription:view"));
    EXPECT_TRUE(has(send("GET", "/api/subscriptions"), "platform:messaging:subscription:view"));
    EXPECT_TRUE(has(send("POST", "/api/subscriptions"), "platform:messaging:subscription:create"));
    EXPECT_TRUE(has(send("PUT", path), "platform:messaging:subscription:update"));
    EXPECT_TRUE(has(send("POST", path + "/pause"), "platform:messaging:subscription:update"));
    EXPECT_TRUE(has(send("POST", path + "/resume"), "platform:messaging:subscription:update"));
    EXPECT_TRUE(has(send("POST", path + "/rotate-secret"), "platform:messaging:subscription:update"));
    EXPECT_TRUE(has(send("DELETE", path + "/previous-secret"), "platform:messaging:subscription:update"));
    EXPECT_TRUE(has(send("DELETE", path), "platform:messaging:subscription:delete"));
}

struct BadSubscription {
    const char* fields;  ///< instead of those of a good body
    const char* pointer;
};

TEST_F(SubscriptionApiTest, BadInputsNameTheFieldAndStoreNothing) {
    send("POST", "/api/dispatch-pools", R"({"code":"old"})");
    send("POST", "/api/dispatch-pools/old/archive");
    const std::vector<BadSubscription> table{
        {R"("name":null)", "/name"},
        {R"("name":"")", "/name"},
        {R"("code":"Not A Code")", "/code"},
        {R"("eventTypes":null)", "/eventTypes"},
        {R"("eventTypes":[])", "/eventTypes"},
        {R"("eventTypes":["order.created","Order!"])", "/eventTypes/1"},
        {R"("eventTypes":["**.order"])", "/eventTypes/0"},
        {R"("eventTypes":[{"eventTypeCode":"a b"}])", "/eventTypes/0/eventTypeCode"},
        {R"("eventTypes":[{}])", "/eventTypes/0/eventTypeCode"},
        {R"("eventTypes":[7])", "/eventTypes/0"},
        {R"("targetUrl":null)", "/targetUrl"},
        {R"("targetUrl":"not a url")", "/targetUrl"},
        {R"("targetUrl":"file:///etc/passwd")", "/targetUrl"},
        {R"("targetUrl":"http://127.0.0.1:9/x")", "/targetUrl"},
        {R"("targetUrl":"http://10.0.0.8/x")", "/targetUrl"},
        {R"("targetUrl":"http://[::1]/x")", "/targetUrl"},
        {R"("targetUrl":null,"target":"http://localhost/x")", "/target"},
        {R"("dispatchPoolId":"nothing")", "/dispatchPoolId"},
        {R"("dispatchPoolCode":"nothing")", "/dispatchPoolCode"},
        {R"("dispatchPoolCode":"old")", "/dispatchPoolCode"},
        {R"("mode":"WHENEVER")", "/mode"},
        {R"("timeoutSeconds":-1)", "/timeoutSeconds"},
        {R"("timeoutSeconds":901)", "/timeoutSeconds"},
        {R"("maxRetries":-1)", "/maxRetries"},
        {R"("retryStrategy":"random")", "/retryStrategy"},
        {R"("retryStrategy":[-1])", "/retryStrategy"},
        {R"("maxAgeSeconds":-1)", "/maxAgeSeconds"},
        {R"("delaySeconds":-1)", "/delaySeconds"},
        {R"("sequence":"first")", "/sequence"},
        {R"("dataOnly":"yes")", "/dataOnly"},
        {R"("headers":{"Host":"evil"})", "/headers/Host"},
        {R"("headers":{"X-A":"1\r\nX-B: 2"})", "/headers/X-A"},
        {R"("serviceAccountId":"short")", "/serviceAccountId"},
        {R"("headers":{"X-Token":"***"})", "/headers/X-Token"},
        {R"("filter":{"nothing":1})", "/filter/nothing"},
        {R"("source":"MAIL")", "/source"},
        {R"("signingSecret":"whsec_?")", "/signingSecret"},
    };
    for (const auto& [fields, pointer] : table) {
        const auto body =
            R"({"name":"a","eventTypes":["a"],"targetUrl":"https://a.b",)" + std::string(fields) + "}";
        const auto answer = send("POST", "/api/subscriptions", body);
        EXPECT_EQ(answer.status, 400) << fields;
        EXPECT_TRUE(has(answer, std::string(R"("pointer":")") + pointer + '"')) << fields << answer.body;
    }
    EXPECT_TRUE(catalog.subscriptions().all().empty());
}

TEST_F(SubscriptionApiTest, AllFaultsComeAtOnceAndABadEditChangesNothing) {
    const auto path = create();
    const auto before = send("GET", path).body;
    const auto answer =
        send("PUT", path, R"({"name":"b","target":"http://10.0.0.8","dispatchPoolCode":"nothing"})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(has(answer, R"("pointer":"/target")")) << answer.body;
    EXPECT_TRUE(has(answer, R"("pointer":"/dispatchPoolCode")")) << answer.body;
    EXPECT_EQ(send("GET", path).body, before);
    EXPECT_EQ(send("PUT", "/api/subscriptions/short", "{}").status, 400);
    EXPECT_EQ(send("PUT", "/api/subscriptions/0000000000001", "{}").status, 404);
}

TEST_F(SubscriptionApiTest, DevelopmentModeAllowsLoopbackTargets) {
    egress = http::EgressFilter({.allowed = {}, .loopback_allowed = true});
    create(R"({"name":"a","eventTypes":["a"],"targetUrl":"http://127.0.0.1:9000/hook"})");
    create(R"({"name":"a","eventTypes":["a"],"targetUrl":"http://localhost:9000/hook"})");
}

TEST_F(SubscriptionApiTest, B25_TheServiceAccountAndThePoolCanBeLifted) {
    send("POST", "/api/dispatch-pools", R"({"code":"slow"})");
    const auto path = create(R"({"name":"Orders","eventTypes":["order.*"],"targetUrl":"https://a.b/c",
        "dispatchPoolId":"slow","serviceAccountId":"0000000000009"})");
    for (const auto* nothing : {"null", R"("")"}) {
        const auto set =
            send("PATCH", path, R"({"dispatchPoolId":"slow","serviceAccountId":"0000000000009"})");
        EXPECT_EQ(text_of(set, "dispatchPoolCode"), "slow") << set.body;
        const auto body =
            R"({"dispatchPoolId":)" + std::string(nothing) + R"(,"serviceAccountId":)" + nothing + '}';
        const auto lifted = send("PATCH", path, body);
        EXPECT_EQ(text_of(lifted, "dispatchPoolCode"), "default") << lifted.body;
        EXPECT_FALSE(has(lifted, "serviceAccountId")) << lifted.body;
    }
}

TEST_F(SubscriptionApiTest, AnActionSaysWhatItDid) {
    const auto path = create();
    const auto paused = send("POST", path + "/pause");
    EXPECT_EQ(text_of(paused, "message"), "the subscription was paused");
    EXPECT_EQ(text_of(paused, "subscriptionId"), text_of(paused, "id"));
    EXPECT_EQ(text_of(send("POST", path + "/resume"), "message"), "the subscription was resumed");
    EXPECT_EQ(text_of(send("GET", path), "message"), "");
}

}  // namespace
}  // namespace fc::messaging
