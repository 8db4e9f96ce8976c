#include "http/health.h"

#include "http/test_server.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

TEST(Health, IsUpWithoutChecks) {
    Health health;
    testing::TestServer server(health.routes().take());
    testing::TestClient client(server.port());
    for (const auto* path : {"/q/health", "/q/health/live", "/q/health/ready"}) {
        const auto answer = client.send("GET", path);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, R"({"status":"UP"})");
    }
}

TEST(Health, OneCheckDownMakesItDownButStillAlive) {
    Health health;
    health.add("Store", [] { return CheckResult{}; });
    health.add("NATS", [] { return CheckResult{false, {{"error", "connection lost"}}}; });
    testing::TestServer server(health.routes().take());
    testing::TestClient client(server.port());
    const auto ready = client.send("GET", "/q/health/ready");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(
        ready.body,
        R"({"status":"DOWN","checks":[{"name":"Store","status":"UP"},)"
        R"({"name":"NATS","status":"DOWN","data":{"error":"connection lost"}}]})");
    EXPECT_EQ(client.send("GET", "/q/health/live").status, 200);
}

TEST(Health, ACheckThatThrowsIsDown) {
    Health health;
    health.add("Store", []() -> CheckResult { throw std::runtime_error("disk full"); });
    testing::TestServer server(health.routes().take());
    testing::TestClient client(server.port());
    EXPECT_TRUE(client.send("GET", "/q/health").contains(R"("data":{"error":"disk full"})"));
}

TEST(MetricsRoutes, ExposeTheRegistry) {
    metrics::Registry registry;
    testing::TestServer server(metrics_routes(registry, open_to_all).take());
    testing::TestClient client(server.port());
    const auto answer = client.send("GET", "/metrics");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_TRUE(answer.contains("process_cpu_seconds_total"));
    EXPECT_EQ(client.send("GET", "/q/metrics").status, 200);
}

}  // namespace
}  // namespace fc::http
