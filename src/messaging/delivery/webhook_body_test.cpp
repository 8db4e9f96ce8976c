#include "messaging/delivery/webhook_body.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

struct WebhookBodyTest : testing::Test {
    WebhookBodyTest() {
        job.id = Tsid{5};
        spec.code = "invoice.send";
        spec.payload.text = R"({"n": 1})";
        event.id = Tsid{6};
        event.data = "[2]";
    }
    std::string body(const store::EventRecord* of = nullptr) {
        return body_of(job, of, spec, &subscription).bytes;
    }
    bool is_envelope(const std::string& text) {
        return text.starts_with(R"({"id":"000000000000)") && text.find(R"("data":)") != std::string::npos;
    }

    store::JobRecord job;
    store::EventRecord event;
    JobSpec spec;
    Subscription subscription;
};

TEST_F(WebhookBodyTest, AJobWithAPayloadOfItsOwnHasAnEnvelopeTooWhenItAsks) {
    EXPECT_EQ(body(), R"({"n": 1})");
    spec.data_only = false;
    EXPECT_TRUE(is_envelope(body())) << body();
    EXPECT_NE(body().find(R"("type":"invoice.send")"), std::string::npos) << body();
    EXPECT_NE(body().find(R"("data":{"n": 1})"), std::string::npos) << body();
}

TEST_F(WebhookBodyTest, WhatTheJobDoesNotSayItsSubscriptionSays) {
    subscription.data_only = false;
    EXPECT_TRUE(is_envelope(body()));
    EXPECT_TRUE(is_envelope(body(&event)));
    spec.data_only = true;
    EXPECT_EQ(body(), R"({"n": 1})");
    EXPECT_EQ(body_of(job, &event, {}, nullptr).bytes, "[2]") << "its subscription is gone";
}

}  // namespace
}  // namespace fc::messaging
