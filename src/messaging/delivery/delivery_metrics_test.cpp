#include "messaging/delivery/delivery_metrics.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

http::ClientResponse answer(int status, std::chrono::milliseconds took) {
    http::ClientResponse response;
    response.status = status;
    response.timings.total = took;
    return response;
}

TEST(DeliveryMeter, ShowsWhatWasCountedOnceHoweverOftenItIsRead) {
    metrics::Registry registry;
    DeliveryMeter meter;
    meter.add_to(registry);
    meter.count(answer(200, std::chrono::milliseconds{2}));
    meter.count(answer(200, std::chrono::milliseconds{700}));
    registry.exposition();
    meter.count(answer(0, std::chrono::milliseconds{61'000}));
    registry.exposition();
    const auto text = registry.exposition();
    const auto has = [&](std::string_view line) {
        return text.find("flowcatalyst_delivery_http_" + std::string(line) + "\n") != std::string::npos;
    };
    EXPECT_TRUE(has(R"(requests_total{method="POST",status_code="200"} 2)")) << text;
    EXPECT_TRUE(has(R"(requests_total{method="POST",status_code="error"} 1)")) << text;
    EXPECT_TRUE(has(R"(duration_seconds_bucket{le="0.0025"} 1)")) << text;
    EXPECT_TRUE(has(R"(duration_seconds_bucket{le="1"} 2)")) << text;
    EXPECT_TRUE(has(R"(duration_seconds_bucket{le="60"} 2)")) << text;
    EXPECT_TRUE(has("duration_seconds_count 3")) << text;
    EXPECT_TRUE(has("duration_seconds_sum 61.702")) << text;
}

}  // namespace
}  // namespace fc::messaging
