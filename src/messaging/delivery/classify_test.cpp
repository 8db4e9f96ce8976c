#include "messaging/delivery/classify.h"

#include "base/encoding.h"
#include "messaging/delivery/retry.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

using http::TransportFailureKind;
using Outcome = DeliveryOutcome;

const TimePoint wall = from_rfc3339("2026-01-31T10:20:30Z").value();

Classification answered(int status, std::string body = "", http::Headers headers = {}) {
    http::ClientResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return classify(response, wall);
}

Classification failed(TransportFailureKind kind) {
    http::ClientResponse response;
    response.failure = http::TransportFailure{kind, "the detail"};
    return classify(response, wall);
}

TEST(Classify, SuccessIsAny2xxWhateverItsBodyUnlessItSaysNotYet) {
    for (const auto* body :
         {"",
          "ok",
          "{}",
          "{\"ack\":true}",
          "{\"ack\":\"false\"}",
          "{\"ack\":null}",
          "{\"back\":false}",
          "[{\"ack\":false}]",
          "{\"ack\":false",
          "{\"x\":{\"ack\":false}}",
          "false ack"}) {
        const auto result = answered(200, body);
        EXPECT_EQ(result.outcome, Outcome::delivered) << body;
        EXPECT_EQ(result.status, AttemptStatus::success);
        EXPECT_FALSE(result.error_type);
        EXPECT_TRUE(result.error.empty());
    }
    EXPECT_EQ(answered(204).outcome, Outcome::delivered);
    EXPECT_EQ(answered(299).outcome, Outcome::delivered);
}

TEST(Classify, NotYetWaitsAsLongAsItSaysElseThirtySeconds) {
    const auto wait_for = [](const char* body) {
        const auto result = answered(200, body);
        EXPECT_EQ(result.outcome, Outcome::not_yet) << body;
        return result.wait;
    };
    EXPECT_EQ(wait_for(R"({"ack":false})"), Millis{30'000});
    EXPECT_EQ(wait_for(R"({"ack": false, "delaySeconds": 7})"), Millis{7000});
    EXPECT_EQ(wait_for(R"({"delaySeconds":0.25,"ack":false})"), Millis{250});
    EXPECT_EQ(wait_for(R"({"ack":false,"delaySeconds":0})"), Millis{30'000});
    EXPECT_EQ(wait_for(R"({"ack":false,"delaySeconds":-1})"), Millis{30'000});
    EXPECT_EQ(wait_for(R"({"ack":false,"delaySeconds":"x"})"), Millis{30'000});
    EXPECT_EQ(wait_for(R"({"ack":false,"delaySeconds":1e300})"), not_yet_wait_max);
}

TEST(Classify, ABodyCutAt64KibIsNoAnswerToParse) {
    http::ClientResponse response;
    response.status = 200;
    response.body = R"({"ack":false})";
    response.body_truncated = true;
    EXPECT_EQ(classify(response, wall).outcome, Outcome::delivered);
}

TEST(Classify, B30_ATimeoutIsATimeoutAndNoServerError) {
    const auto result = failed(TransportFailureKind::timeout);
    EXPECT_EQ(result.outcome, Outcome::retry);
    EXPECT_EQ(result.status, AttemptStatus::timeout);
    EXPECT_EQ(result.error_type, AttemptErrorType::transient);
    EXPECT_EQ(result.error, "the detail");
}

TEST(Classify, B32_PermanentErrorsAreNotRetried) {
    for (const int status : {400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 451, 499}) {
        const auto result = answered(status);
        EXPECT_EQ(result.outcome, Outcome::rejected) << status;
        EXPECT_EQ(result.status, AttemptStatus::client_error);
        EXPECT_EQ(result.error_type, AttemptErrorType::permanent);
        EXPECT_EQ(result.error, "HTTP " + std::to_string(status));
    }
}

TEST(Classify, B32_ARetryHasAWaitOfItsOwnSoThatNothingTakesItEarlier) {
    const auto result = answered(500);
    ASSERT_EQ(result.outcome, Outcome::retry);
    for (int attempt = 1; attempt < 20; ++attempt) {
        EXPECT_GT(decide_retry({}, {.attempts = attempt, .retry_after = result.wait}).wait, Millis{0});
    }
}

TEST(Classify, RedirectsAreNeitherFollowedNorRetried) {
    for (const int status : {300, 301, 302, 303, 304, 307, 308}) {
        const auto result = answered(status);
        EXPECT_EQ(result.outcome, Outcome::rejected) << status;
        EXPECT_EQ(result.error_type, AttemptErrorType::permanent);
    }
}

TEST(Classify, GoneIsToldApartFromOtherClientErrors) {
    EXPECT_EQ(answered(410).outcome, Outcome::gone);
    EXPECT_EQ(answered(410).status, AttemptStatus::client_error);
}

TEST(Classify, ServerErrorsAndTooManyRequestsAreRetried) {
    for (const int status : {500, 501, 502, 503, 504, 599}) {
        const auto result = answered(status);
        EXPECT_EQ(result.outcome, Outcome::retry) << status;
        EXPECT_EQ(result.status, AttemptStatus::server_error);
        EXPECT_EQ(result.error_type, AttemptErrorType::transient);
        EXPECT_EQ(result.wait, Millis{0});
    }
    EXPECT_EQ(answered(429).outcome, Outcome::retry);
    EXPECT_EQ(answered(429).status, AttemptStatus::client_error);
    EXPECT_EQ(answered(429).error_type, AttemptErrorType::transient);
    EXPECT_EQ(answered(700).outcome, Outcome::retry);
    EXPECT_EQ(answered(700).error_type, AttemptErrorType::unknown);
}

TEST(Classify, RetryAfterIsReadInBothForms) {
    EXPECT_EQ(answered(429, "", {{"retry-after", "17"}}).wait, Millis{17'000});
    EXPECT_EQ(answered(503, "", {{"Retry-After", "Sat, 31 Jan 2026 10:21:30 GMT"}}).wait, Millis{60'000});
    EXPECT_EQ(answered(503, "", {{"Retry-After", "later"}}).wait, Millis{0});
}

TEST(Classify, TransportFailuresAreRetriedUnlessTheRequestCanNeverBeSent) {
    for (const auto kind :
         {TransportFailureKind::connect, TransportFailureKind::tls, TransportFailureKind::reset}) {
        EXPECT_EQ(failed(kind).outcome, Outcome::retry);
        EXPECT_EQ(failed(kind).status, AttemptStatus::connection_error);
        EXPECT_EQ(failed(kind).error_type, AttemptErrorType::transient);
    }
    for (const auto kind : {TransportFailureKind::protocol, TransportFailureKind::too_large}) {
        EXPECT_EQ(failed(kind).outcome, Outcome::retry);
        EXPECT_EQ(failed(kind).status, AttemptStatus::server_error);
        EXPECT_EQ(failed(kind).error_type, AttemptErrorType::unknown);
    }
    for (const auto kind : {TransportFailureKind::refused_address, TransportFailureKind::invalid_request}) {
        EXPECT_EQ(failed(kind).outcome, Outcome::rejected);
        EXPECT_EQ(failed(kind).error_type, AttemptErrorType::permanent);
    }
}

TEST(BodyExcerpt, IsAtMostFourKibOfText) {
    EXPECT_EQ(body_excerpt("hello"), "hello");
    EXPECT_EQ(body_excerpt(std::string(5000, 'a')), std::string(4096, 'a'));
    const std::string euros = "a" + [] {
        std::string text;
        for (int i = 0; i < 2000; ++i) text += "\xe2\x82\xac";
        return text;
    }();
    const auto cut = body_excerpt(euros);
    EXPECT_EQ(cut, euros.substr(0, 4096));
    EXPECT_EQ(body_excerpt("b" + euros), ("b" + euros).substr(0, 4094));
    EXPECT_EQ(
        body_excerpt(std::string(
            "a\0\xff"
            "b",
            4)),
        "a??b");
    EXPECT_TRUE(is_valid_utf8(body_excerpt(std::string(5000, '\xff'))));
}

}  // namespace
}  // namespace fc::messaging
