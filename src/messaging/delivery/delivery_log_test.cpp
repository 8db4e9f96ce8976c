#include "messaging/delivery/delivery_log.h"

#include "runtime/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fc::messaging {
namespace {

class DeliveryLogTest : public testing::Test {
public:
    DeliveryLogTest() {
        log::redirect([this](std::string_view line) { lines.emplace_back(line); });
    }
    ~DeliveryLogTest() override { log::redirect({}); }

    ManualClock clock;
    DeliveryLog deliveries;
    std::vector<std::string> lines;
};

}  // namespace

TEST_F(DeliveryLogTest, ThousandsOfDeadJobsAreToldInALineNowAndThen) {
    store::JobRecord job;
    job.id = Tsid{7};
    for (int n = 0; n < 1'000; ++n) deliveries.job_failed(job, "HTTP 404", clock.now());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("count=1 "), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find(job.id.to_string()), std::string::npos) << lines[0];
    clock.advance(DeliveryLog::failures_interval);
    deliveries.job_failed(job, "HTTP 404", clock.now());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[1].find("count=1000 "), std::string::npos) << lines[1];
}

TEST_F(DeliveryLogTest, TargetIsToldOnceWhenItFailsAndOnceWhenItIsBack) {
    using http::BreakerState;
    deliveries.target_changed("http://a", BreakerState::closed, BreakerState::closed);
    deliveries.target_changed("http://a", BreakerState::closed, BreakerState::open);
    deliveries.target_changed("http://a", BreakerState::half_open, BreakerState::open);
    deliveries.target_changed("http://a", BreakerState::half_open, BreakerState::closed);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[0].find("rest"), std::string::npos);
    EXPECT_NE(lines[1].find("again"), std::string::npos);
}

}  // namespace fc::messaging
