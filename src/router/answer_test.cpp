#include "router/answer.h"

#include <gtest/gtest.h>

namespace fc::router {
namespace {

using Verdict = Mediation::Verdict;

http::ClientResponse response(int status, std::string body = "", http::Headers headers = {}) {
    http::ClientResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

TEST(Answer, SuccessUnlessTheBodySaysNotYet) {
    for (const char* body :
         {"", "no json", "{}", R"({"ack":true})", R"({"ack":null})", R"({"ack":"false"})", "[]"}) {
        EXPECT_EQ(judge(response(200, body)).mediation.verdict, Verdict::done) << body;
        EXPECT_EQ(judge(response(204, body)).mediation.verdict, Verdict::done) << body;
    }
}

TEST(Answer, Defect24NotYetWaitsAsAskedAndIsNotRepeatedAtOnce) {
    const auto asked = judge(response(200, R"({"ack":false,"delaySeconds":7,"message":"later"})"));
    EXPECT_EQ(asked.mediation.verdict, Verdict::failed);
    EXPECT_EQ(asked.mediation.delay, Millis{7'000});
    EXPECT_FALSE(asked.repeat_at_once);
    EXPECT_EQ(judge(response(200, R"({"ack":false})")).mediation.delay, Millis{30'000});
    EXPECT_EQ(judge(response(200, R"({"ack":false,"delaySeconds":0})")).mediation.delay, Millis{30'000});
    EXPECT_EQ(judge(response(200, R"({"ack":false,"delaySeconds":-5})")).mediation.delay, Millis{30'000});
    EXPECT_EQ(
        judge(response(200, R"({"ack":false,"delaySeconds":99999999999})")).mediation.delay,
        Millis{43'200'000});
}

TEST(Answer, Defect24TooManyRequestsHonoursRetryAfter) {
    const auto asked = judge(response(429, R"({"delaySeconds":3})", {{"Retry-After", "12"}}));
    EXPECT_EQ(asked.mediation.verdict, Verdict::failed);
    EXPECT_EQ(asked.mediation.delay, Millis{12'000});
    EXPECT_FALSE(asked.repeat_at_once);
    EXPECT_EQ(judge(response(429, R"({"delaySeconds":3})")).mediation.delay, Millis{3'000});
    EXPECT_EQ(judge(response(429)).mediation.delay, Millis{30'000});
}

TEST(Answer, OtherClientErrorsAreConfigErrors) {
    for (const int status : {400, 401, 404, 410, 422}) {
        EXPECT_EQ(judge(response(status)).mediation.verdict, Verdict::config_error) << status;
    }
}

TEST(Answer, ServerErrorsAndNoAnswerAreRepeatedThenNackedWithADelay) {
    http::ClientResponse lost;
    lost.failure = http::TransportFailure{.kind = http::TransportFailureKind::timeout, .detail = "timeout"};
    for (const auto& each : {response(500), response(503), lost}) {
        const auto judged = judge(each);
        EXPECT_EQ(judged.mediation.verdict, Verdict::failed);
        EXPECT_EQ(judged.mediation.delay, Millis{30'000});
        EXPECT_TRUE(judged.repeat_at_once);
    }
}

TEST(Answer, Defect24NotImplementedIsNotRepeatedAtOnceAndNeedsAttention) {
    const auto judged = judge(response(501));
    EXPECT_EQ(judged.mediation.verdict, Verdict::failed);
    EXPECT_FALSE(judged.repeat_at_once);
    EXPECT_TRUE(judged.mediation.needs_attention);
}

TEST(Answer, Defect28RedirectIsNoSuccess) {
    const auto judged = judge(response(302, "", {{"Location", "http://elsewhere"}}));
    EXPECT_EQ(judged.mediation.verdict, Verdict::failed);
    EXPECT_FALSE(judged.repeat_at_once);
}

TEST(Answer, RequestThatCannotBeSentIsAConfigError) {
    http::ClientResponse unsent;
    unsent.failure =
        http::TransportFailure{.kind = http::TransportFailureKind::invalid_request, .detail = "no URL"};
    EXPECT_EQ(judge(unsent).mediation.verdict, Verdict::config_error);
}

TEST(Answer, Defect27MessageIdIsEscaped) {
    EXPECT_EQ(callback_body("0HZXEQ5Y8JY5Z"), R"({"messageId":"0HZXEQ5Y8JY5Z"})");
    EXPECT_EQ(callback_body("a\"b\\c\n"), R"({"messageId":"a\"b\\c\n"})");
}

}  // namespace
}  // namespace fc::router
