#include "router/http_mediator.h"

#include "http/scripted_server.h"
#include "runtime/clock.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace fc::router {
namespace {

using Verdict = Mediation::Verdict;
using Script = http::ScriptedServer::Script;

http::Step status(int code, const std::string& headers = "") {
    return http::write(
        "HTTP/1.1 " + std::to_string(code) + " Text\r\nContent-Length: 0\r\n" + headers + "\r\n");
}

class HttpMediatorTest : public testing::Test {
protected:
    HttpMediatorTest() { settings.targets = RouterTargets::parse("127.0.0.1").value(); }

    Mediation mediate(HttpMediator& mediator, const std::string& url, const std::string& id = "1") {
        protocol::DispatchMessage pointer;
        pointer.id = id;
        pointer.auth_token = Secret{"ab12"};
        pointer.mediation_target = url;
        std::optional<Mediation> outcome;
        auto task = mediator.mediate(std::move(pointer));
        boost::asio::co_spawn(
            io, std::move(task), [&](const std::exception_ptr& thrown, Mediation mediation) {
                if (!thrown) outcome = std::move(mediation);
            });
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!outcome && std::chrono::steady_clock::now() < give_up) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds{50});
        }
        EXPECT_TRUE(outcome);
        return outcome.value_or(Mediation{});
    }
    HttpMediator make() {
        return HttpMediator{settings, {.executor = io.get_executor(), .clock = &clock, .client = &client}};
    }

    boost::asio::io_context io;
    SystemClock clock;
    http::Client client{io.get_executor()};
    HttpMediatorSettings settings{.backoff_step = Millis{1}};
};

TEST_F(HttpMediatorTest, PostsTheMessageIdWithTheToken) {
    http::ScriptedServer server{io, {Script{http::read_request(), http::answer("{}")}}};
    auto mediator = make();
    EXPECT_EQ(mediate(mediator, server.url(), "a\"b").verdict, Verdict::done);
    ASSERT_EQ(server.requests.size(), 1u);
    const std::string& sent = server.requests.front();
    EXPECT_TRUE(sent.starts_with("POST /hook HTTP/1.1\r\n"));
    EXPECT_NE(sent.find("Authorization: Bearer ab12\r\n"), std::string::npos);
    EXPECT_NE(sent.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_TRUE(sent.ends_with("\r\n\r\n{\"messageId\":\"a\\\"b\"}"));
}

TEST_F(HttpMediatorTest, TriesServerErrorsThreeTimes) {
    const Script failing{
        http::read_request(),
        status(503),
        http::read_request(),
        status(500),
        http::read_request(),
        status(502),
        http::read_request(),
        status(200)};
    http::ScriptedServer server{io, {failing}};
    auto mediator = make();
    const auto outcome = mediate(mediator, server.url());
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_EQ(outcome.delay, Millis{30'000});
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(HttpMediatorTest, RetryMaySucceed) {
    const Script healing{http::read_request(), status(503), http::read_request(), status(200)};
    http::ScriptedServer server{io, {healing}};
    auto mediator = make();
    EXPECT_EQ(mediate(mediator, server.url()).verdict, Verdict::done);
    EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(HttpMediatorTest, TriesConnectionErrorsThreeTimes) {
    http::ScriptedServer server{io, {Script{http::read_request(), http::reset()}}};
    auto mediator = make();
    EXPECT_EQ(mediate(mediator, server.url()).verdict, Verdict::failed);
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(HttpMediatorTest, Defect24And25OnlyWhatMayHealIsTriedAgain) {
    for (const auto& step :
         {status(404),
          status(429),
          status(501),
          status(302, "Location: /other\r\n"),
          http::answer(R"({"ack":false})")}) {
        http::ScriptedServer server{io, {Script{http::read_request(), step}}};
        auto mediator = make();
        EXPECT_NE(mediate(mediator, server.url()).verdict, Verdict::done) << step.text;
        EXPECT_EQ(server.requests.size(), 1u) << step.text;
    }
}

TEST_F(HttpMediatorTest, Defect25AttemptsShareOneDeadline) {
    settings.delivery_timeout = Millis{60};
    http::ScriptedServer server{io, {Script{http::read_request(), http::wait(Millis{2'000})}}};
    auto mediator = make();
    const TimePoint began = clock.now();
    EXPECT_EQ(mediate(mediator, server.url()).verdict, Verdict::failed);
    EXPECT_LT(clock.now() - began, Millis{1'000});
    EXPECT_EQ(server.requests.size(), 1u);
}

TEST_F(HttpMediatorTest, OpenBreakerSendsNothingAndSaysWhen) {
    settings.attempts_max = 1;
    http::ScriptedServer bad{io, {Script{http::read_request(), status(503), http::end()}}};
    http::ScriptedServer good{io, {Script{http::read_request(), status(200)}}};
    auto mediator = make();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(mediate(mediator, bad.url()).verdict, Verdict::failed);
    const auto outcome = mediate(mediator, bad.url("/hook?other=query"));
    EXPECT_EQ(outcome.verdict, Verdict::not_now);
    EXPECT_GT(outcome.until, clock.now());
    EXPECT_EQ(bad.requests.size(), 10u);
    EXPECT_EQ(mediate(mediator, good.url()).verdict, Verdict::done) << "another target does not notice";
    EXPECT_EQ(mediator.breakers().not_closed(), 1u);
}

TEST_F(HttpMediatorTest, TargetOutsideTheListIsNotCalledAndNotLost) {
    settings.targets = RouterTargets::parse("platform.internal").value();
    http::ScriptedServer server{io, {Script{http::read_request(), status(200)}}};
    auto mediator = make();
    const auto outcome = mediate(mediator, server.url());
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_TRUE(outcome.needs_attention);
    EXPECT_EQ(outcome.delay, HttpMediator::refused_target_delay);
    EXPECT_EQ(server.connections, 0u);
}

TEST_F(HttpMediatorTest, NoTargetIsAConfigError) {
    auto mediator = make();
    EXPECT_EQ(mediate(mediator, "").verdict, Verdict::config_error);
}

}  // namespace
}  // namespace fc::router
