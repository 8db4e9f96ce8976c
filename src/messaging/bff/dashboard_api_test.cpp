#include "messaging/bff/dashboard_api.h"

#include "messaging/bff/bff_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using testing::other;
using testing::shop;

struct DashboardTest : testing::BffTest {
    void SetUp() override {
        run(catalog.load());
        serve(dashboard.routes());
    }
    void settle(const store::JobRecord& job, store::Settlement::Kind kind, const std::string& status) {
        store::Settlement settlement;
        settlement.job = job;
        settlement.kind = kind;
        settlement.attempt = R"({"attemptNumber":1,"attemptedAt":")" + to_rfc3339(clock.now()) +
                             R"(","status":")" + status + "\"}";
        run(store().messages().settle(std::make_shared<const store::Settlement>(std::move(settlement))));
    }
    void open_breaker(const char* target) {
        for (std::uint32_t count = 0; count < http::CircuitBreaker::requests_min; ++count) {
            auto& breaker = breakers.at(target);
            breaker.record(*breaker.admit(clock.now()), false, clock.now());
        }
    }

    http::BreakerRegistry breakers;
    std::map<std::string, PoolLoad> loads{{"default", {3, 2}}};
    DashboardApi dashboard{{&store().search(), &catalog, &clock, &breakers, [this] { return loads; }}};
};

TEST_F(DashboardTest, CountsTheLastDayAndWhatWaits) {
    settle(add(shop).jobs[0], store::Settlement::Kind::completed, "SUCCESS");
    settle(add(shop).jobs[0], store::Settlement::Kind::error, "FAILURE");
    add(other);
    clock.advance(seconds{90});
    add(shop);
    open_breaker("http://down.example.com");
    const auto answer = send("GET", "/api/bff/dashboard");
    for (const auto* part :
         {R"("events":4,"deliveries":1,"failed":1,"failedAttempts":1,)",
          R"("queueDepth":2,"oldestWaitingSeconds":90,)",
          R"("openBreakers":1,"breakers":[{"target":"http://down.example.com","state":"OPEN"}])",
          R"("code":"default","name":)",
          R"("openJobs":2,"oldestWaitingSeconds":90,"concurrency":64,"queued":3,"active":2})"})
        EXPECT_TRUE(has(answer, part)) << part << " in " << answer.body;
}

TEST_F(DashboardTest, ATenantSeesItsOwnNumbersOnly) {
    add(shop);
    add(other);
    add(other);
    open_breaker("http://down.example.com");
    caller = client_caller(other);
    const auto answer = send("GET", "/api/bff/dashboard");
    EXPECT_TRUE(has(answer, R"("events":2,)")) << answer.body;
    EXPECT_TRUE(has(answer, R"("queueDepth":2,)")) << answer.body;
    EXPECT_TRUE(has(answer, R"("openBreakers":0,"breakers":[])")) << answer.body;
    EXPECT_TRUE(has(answer, R"("code":"default")")) << "its jobs wait there: " << answer.body;
    EXPECT_FALSE(has(answer, R"("active")")) << "how busy the platform is: " << answer.body;
    EXPECT_TRUE(
        has(send("GET", "/api/stats"), R"({"eventTypes":1,"subscriptions":0,"dispatchPools":0,"events":2)"));
    caller.client_id.reset();
    EXPECT_TRUE(has(send("GET", "/api/bff/dashboard"), R"("events":0,)"));
}

TEST_F(DashboardTest, TheFullestComeFirstAndListsAreBounded) {
    for (std::size_t count = 0; count < 2 * DashboardView::rows_max; ++count)
        open_breaker(("http://" + std::to_string(count) + ".example.com").c_str());
    EXPECT_TRUE(has(send("GET", "/api/bff/dashboard"), R"("openBreakers":40,)"));
    std::size_t shown = 0;
    const auto body = send("GET", "/api/bff/dashboard").body;
    for (std::size_t at = 0; (at = body.find("\"state\"", at)) != std::string::npos; ++at) ++shown;
    EXPECT_EQ(shown, DashboardView::rows_max);
}

TEST_F(DashboardTest, WhatTheInstallationCanDoIsToldToAll) {
    EXPECT_EQ(send("GET", "/api/config/platform").body, R"({"features":{"messagingEnabled":true}})");
}

}  // namespace
}  // namespace fc::messaging
