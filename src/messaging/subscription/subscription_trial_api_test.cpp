#include "messaging/subscription/subscription_trial_api.h"

#include "messaging/subscription/subscription_api.h"
#include "resource/api_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;

constexpr Tsid shop{77};
constexpr Tsid other{78};

struct SubscriptionTrialApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        auto routes = api.routes();
        routes.add(subscription_api.routes());
        serve(std::move(routes));
    }
    std::string create() {
        const auto answer =
            send("POST", "/api/subscriptions", R"({"name":"a","eventTypes":["a.*"],"target":"https://a.b"})");
        EXPECT_EQ(answer.status, 201) << answer.body;
        return text_of(answer, "id");
    }
    http::Response try_out(const std::string& id) {
        const auto body = R"({"subscriptionId":")" + id + R"(","event":{"type":"a.b","source":"s"}})";
        return send("POST", "/api/subscriptions/test-filter", body);
    }

    Catalog catalog{store().documents(), clock, ids};
    http::EgressFilter egress;
    SubscriptionApi subscription_api{{&catalog, &store().messages(), &egress, &clock}};
    SubscriptionTrialApi api{{&catalog, &store().messages(), &clock, &ids}};
};

TEST_F(SubscriptionTrialApiTest, ATestIsAJobOutsideEveryGroup) {
    const auto id = create();
    const auto answer = send("POST", "/api/subscriptions/" + id + "/test", R"({"data":"plain"})");
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto job = run(store().messages().find_job(*Tsid::parse(text_of(answer, "id"))));
    ASSERT_TRUE(job);
    EXPECT_EQ(job->origin, store::JobOrigin::test);
    EXPECT_FALSE(job->is_ordered());
    EXPECT_TRUE(job->ready);
    EXPECT_EQ(job->owner.to_string(), id);
    EXPECT_EQ(run(store().messages().verify()).differences, std::vector<std::string>());
}

TEST_F(SubscriptionTrialApiTest, B27_AClientMayOnlyTryItsOwn) {
    caller = client_caller(other);
    const auto theirs = create();
    caller = client_caller(shop);
    EXPECT_EQ(send("POST", "/api/subscriptions/" + theirs + "/test", "{}").status, 404);
    EXPECT_TRUE(has(try_out(theirs), R"("pointer":"/subscriptionId")"));
    const auto own = create();
    EXPECT_EQ(send("POST", "/api/subscriptions/" + own + "/test", "{}").status, 201);
    EXPECT_EQ(try_out(own).body, R"({"matches":true})");
}

TEST_F(SubscriptionTrialApiTest, EachRouteNamesItsPermission) {
    const auto id = create();
    caller = client_caller(shop, {"platform:messaging:event:create"});
    EXPECT_TRUE(has(try_out(id), "platform:messaging:subscription:view"));
    EXPECT_TRUE(
        has(send("POST", "/api/subscriptions/" + id + "/test"), "platform:messaging:subscription:update"));
}

}  // namespace
}  // namespace fc::messaging
