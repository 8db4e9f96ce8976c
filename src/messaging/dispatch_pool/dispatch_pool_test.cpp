#include "messaging/dispatch_pool/dispatch_pool.h"

#include "messaging/dispatch_pool/dispatch_pool_api.h"
#include "resource/api_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;

constexpr Tsid shop{77};
constexpr Tsid other{78};

TEST(DispatchPool, RulesSayWhatMayBeDoneWhen) {
    DispatchPool pool;
    const auto now = from_unix_millis(1000);
    EXPECT_TRUE(activate(pool, now)) << "is active already: no change";
    EXPECT_TRUE(pool.holds.empty());
    EXPECT_TRUE(suspend(pool, now));
    EXPECT_TRUE(pool.holds_jobs());
    EXPECT_EQ(suspend(pool, now).error().code, "ALREADY_SUSPENDED");
    EXPECT_TRUE(activate(pool, now + Millis{5}));
    ASSERT_EQ(pool.holds.size(), 1U);
    EXPECT_EQ(pool.holds[0].to, now + Millis{5});
    EXPECT_TRUE(archive(pool, now));
    EXPECT_TRUE(pool.holds_jobs());
    EXPECT_EQ(archive(pool, now).error().code, "ALREADY_ARCHIVED");
    EXPECT_EQ(suspend(pool, now).error().code, "ALREADY_ARCHIVED");
    EXPECT_EQ(activate(pool, now).error().code, "DISPATCH_POOL_ARCHIVED");
}

struct DispatchPoolApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        serve(api.routes());
    }
    std::string create(std::string body) {
        const auto answer = send("POST", "/api/dispatch-pools", std::move(body));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return text_of(answer, "id");
    }

    Catalog catalog{store().documents(), clock, ids};
    DispatchPoolApi api{{&catalog, &store().messages()}};
};

TEST_F(DispatchPoolApiTest, B01_CreatesWithAnIdAndSaysWhere) {
    const auto answer =
        send("POST", "/api/dispatch-pools", R"({"code":"slow","name":"Slow ones","rateLimit":120})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto id = text_of(answer, "id");
    EXPECT_EQ(id.size(), 13U);
    EXPECT_EQ(answer.headers.at(0).second, "/api/dispatch-pools/" + id);
    EXPECT_TRUE(has(answer, R"("concurrency":10,"rateLimitPerMin":120,"rateLimit":120,"status":"ACTIVE")"))
        << answer.body;
    EXPECT_EQ(send("GET", "/api/dispatch-pools/" + id).body, answer.body);
    EXPECT_EQ(send("GET", "/api/dispatch-pools/slow").body, answer.body);
}

TEST_F(DispatchPoolApiTest, B38_TimesAreUtcWithMilliseconds) {
    const auto answer = send("GET", "/api/dispatch-pools/default");
    EXPECT_EQ(text_of(answer, "createdAt"), "2027-01-15T08:00:00.000Z");
}

TEST_F(DispatchPoolApiTest, MakesACodeOfTheName) {
    create(R"({"name":"Slow Ones"})");
    create(R"({"name":"Slow Ones"})");
    EXPECT_EQ(send("GET", "/api/dispatch-pools/slow-ones").status, 200);
    EXPECT_EQ(send("GET", "/api/dispatch-pools/slow-ones-2").status, 200);
    const auto taken = send("POST", "/api/dispatch-pools", R"({"code":"slow-ones"})");
    EXPECT_EQ(taken.status, 409);
    EXPECT_TRUE(has(taken, R"("error":"CODE_EXISTS")"));
}

TEST_F(DispatchPoolApiTest, B37_ListsAreNeverNull) {
    caller = client_caller(shop);
    EXPECT_EQ(send("GET", "/api/dispatch-pools").body, R"({"pools":[],"total":0,"page":0,"size":20})");
}

TEST_F(DispatchPoolApiTest, ListsByCodeInPages) {
    create(R"({"code":"b"})");
    create(R"({"code":"a"})");
    const auto page = send("GET", "/api/dispatch-pools?page=1&size=1");
    EXPECT_TRUE(has(page, R"({"pools":[{"id":")")) << page.body;
    EXPECT_TRUE(has(page, R"("code":"b")")) << page.body;
    EXPECT_TRUE(has(page, R"("total":3,"page":1,"size":1})")) << page.body;
    send("POST", "/api/dispatch-pools/a/suspend");
    const auto suspended = send("GET", "/api/dispatch-pools?status=suspended");
    EXPECT_TRUE(has(suspended, R"("code":"a")")) << suspended.body;
    EXPECT_TRUE(has(suspended, R"("total":1)")) << suspended.body;
}

TEST_F(DispatchPoolApiTest, AnEditLeavesAbsentMembersAsTheyAre) {
    const auto id = create(R"({"code":"slow","name":"Slow","rateLimitPerMin":60,"concurrency":3})");
    clock.advance(Millis{7});
    const auto edited = send("PUT", "/api/dispatch-pools/" + id, R"({"description":"for the old shop"})");
    EXPECT_EQ(edited.status, 200);
    EXPECT_TRUE(has(edited, R"("name":"Slow","description":"for the old shop","concurrency":3)"));
    EXPECT_TRUE(has(edited, R"("rateLimitPerMin":60,"rateLimit":60)")) << edited.body;
    EXPECT_TRUE(has(edited, R"("updatedAt":"2027-01-15T08:00:00.007Z")")) << "B-31 " << edited.body;
    const auto unlimited = send("PUT", "/api/dispatch-pools/" + id, R"({"rateLimitPerMin":null})");
    EXPECT_FALSE(has(unlimited, "rateLimit")) << unlimited.body;
}

TEST_F(DispatchPoolApiTest, OfTwoSpellingsTheChangedOneCounts) {
    const auto id = create(R"({"code":"slow","rateLimitPerMin":60})");
    const auto path = "/api/dispatch-pools/" + id;
    EXPECT_TRUE(has(send("PUT", path, R"({"rateLimit":30,"rateLimitPerMin":60})"), R"("rateLimit":30)"));
    EXPECT_TRUE(has(send("PUT", path, R"({"rateLimit":30,"rateLimitPerMin":90})"), R"("rateLimit":90)"));
    EXPECT_FALSE(has(send("PUT", path, R"({"rateLimit":null,"rateLimitPerMin":90})"), "rateLimit"));
}

TEST_F(DispatchPoolApiTest, SuspendsActivatesAndArchives) {
    create(R"({"code":"slow"})");
    const auto suspended = send("POST", "/api/dispatch-pools/slow/suspend");
    EXPECT_TRUE(has(suspended, R"("status":"SUSPENDED")")) << suspended.body;
    EXPECT_EQ(text_of(suspended, "message"), "the dispatch pool was suspended");
    EXPECT_EQ(text_of(suspended, "poolId"), text_of(suspended, "id"));
    EXPECT_EQ(text_of(send("GET", "/api/dispatch-pools/slow"), "message"), "") << "only of an action";
    EXPECT_EQ(send("POST", "/api/dispatch-pools/slow/suspend").status, 409);
    EXPECT_TRUE(has(send("POST", "/api/dispatch-pools/slow/activate"), R"("status":"ACTIVE")"));
    EXPECT_TRUE(has(send("POST", "/api/dispatch-pools/slow/archive"), R"("status":"ARCHIVED")"));
    EXPECT_TRUE(has(send("POST", "/api/dispatch-pools/slow/activate"), "DISPATCH_POOL_ARCHIVED"));
    EXPECT_TRUE(has(send("PUT", "/api/dispatch-pools/slow", "{}"), "DISPATCH_POOL_ARCHIVED"));
    EXPECT_TRUE(has(send("POST", "/api/dispatch-pools/default/archive"), "DEFAULT_POOL"));
}

TEST_F(DispatchPoolApiTest, WhatASubscriptionUsesStays) {
    Subscription subscription;
    subscription.code = Code::parse("orders").value();
    subscription.target = Url::parse("https://example.com/hook").value();
    const auto id = create(R"({"code":"slow"})");
    subscription.dispatch_pool_id = *Tsid::parse(id);
    auto& subscriptions = catalog.subscriptions();
    const auto accept = [](Subscription&, TimePoint) -> Result<void> { return {}; };
    const auto stored = run(subscriptions.insert(subscription, accept)).value();
    const auto refused = send("DELETE", "/api/dispatch-pools/slow");
    EXPECT_EQ(refused.status, 409);
    EXPECT_TRUE(has(refused, R"("error":"DISPATCH_POOL_IN_USE")")) << refused.body;
    EXPECT_EQ(send("POST", "/api/dispatch-pools/slow/archive").status, 409);
    run(subscriptions.remove(stored->id, accept)).value();
    EXPECT_EQ(send("DELETE", "/api/dispatch-pools/slow").status, 204);
    EXPECT_EQ(send("GET", "/api/dispatch-pools/slow").status, 404);
    EXPECT_EQ(send("DELETE", "/api/dispatch-pools/default").status, 409);
}

TEST_F(DispatchPoolApiTest, B27_AClientMayOnlyTouchItsOwn) {
    const auto foreign = create(R"({"code":"theirs","clientId":")" + other.to_string() + "\"}");
    caller = client_caller(shop);
    create(R"({"code":"ours"})");
    const auto path = "/api/dispatch-pools/" + foreign;
    EXPECT_EQ(send("GET", path).status, 404);
    EXPECT_EQ(send("PUT", path, "{}").status, 404);
    EXPECT_EQ(send("DELETE", path).status, 404);
    for (const auto* action : {"/suspend", "/activate", "/archive"})
        EXPECT_EQ(send("POST", path + action).status, 404) << action;
    EXPECT_EQ(send("POST", "/api/dispatch-pools/default/suspend").status, 404) << "the platform's";
    const auto listed = send("GET", "/api/dispatch-pools");
    EXPECT_TRUE(has(listed, R"("code":"ours")")) << listed.body;
    EXPECT_TRUE(has(listed, R"("total":1)")) << listed.body;
    const auto for_other = R"({"code":"x","clientId":")" + other.to_string() + "\"}";
    EXPECT_EQ(send("POST", "/api/dispatch-pools", for_other).status, 403);
}

TEST_F(DispatchPoolApiTest, EachRouteNamesItsPermission) {
    caller = client_caller(shop, {"platform:messaging:dispatch-pool:view"});
    EXPECT_EQ(send("GET", "/api/dispatch-pools").status, 200);
    EXPECT_TRUE(has(send("POST", "/api/dispatch-pools", "{}"), "platform:messaging:dispatch-pool:create"));
    EXPECT_TRUE(has(send("PUT", "/api/dispatch-pools/a", "{}"), "platform:messaging:dispatch-pool:update"));
    EXPECT_TRUE(has(send("DELETE", "/api/dispatch-pools/a"), "platform:messaging:dispatch-pool:delete"));
    EXPECT_TRUE(
        has(send("POST", "/api/dispatch-pools/a/suspend"), "platform:messaging:dispatch-pool:update"));
    caller = client_caller(shop, {"platform:messaging:dispatch-pool:create"});
    EXPECT_TRUE(has(send("GET", "/api/dispatch-pools/a"), "platform:messaging:dispatch-pool:view"));
}

TEST_F(DispatchPoolApiTest, BadInputsNameTheField) {
    struct Bad {
        const char* body;
        const char* pointer;
    };
    for (const auto& [body, pointer] : std::vector<Bad>{
             {R"({})", "/name"},
             {R"({"name":""})", "/name"},
             {R"({"code":"Not A Code"})", "/code"},
             {R"({"name":"a","concurrency":-1})", "/concurrency"},
             {R"({"name":"a","rateLimit":-1})", "/rateLimit"},
             {R"({"name":"a","rateLimitPerMin":"fast"})", "/rateLimitPerMin"},
             {R"({"name":"a","clientId":"short"})", "/clientId"}}) {
        const auto answer = send("POST", "/api/dispatch-pools", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_TRUE(has(answer, std::string(R"("pointer":")") + pointer + '"')) << answer.body;
    }
    EXPECT_EQ(catalog.pools().all().size(), 1U) << "nothing is stored";
    EXPECT_EQ(send("GET", "/api/dispatch-pools?status=asleep").status, 400);
    EXPECT_EQ(send("GET", "/api/dispatch-pools/nothing").status, 404);
}

}  // namespace
}  // namespace fc::messaging
