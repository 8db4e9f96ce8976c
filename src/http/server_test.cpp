#include "http/server.h"

#include "http/test_server.h"
#include "runtime/log.h"
#include "runtime/task_group.h"

#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace fc::http {
namespace {

using testing::open_route;
using testing::TestAnswer;
using testing::TestClient;
using testing::TestServer;
using testing::token;

Response text(std::string body, int status = 200) {
    Response response;
    response.status = status;
    response.content_type = text_type;
    response.body = std::move(body);
    return response;
}

Task<Response> answer_later(std::string body, Millis wait) {
    Timer timer(co_await boost::asio::this_coro::executor, wait);
    constexpr boost::asio::use_awaitable_t<Executor> use_task;
    co_await timer.async_wait(use_task);
    co_return text(std::move(body));
}

Task<Response> fail_later() {
    throw std::runtime_error("secret detail");
    co_return text("");
}

Route later(Method method, std::string path, std::function<Task<Response>(Request)> handler) {
    auto route = open_route(method, std::move(path), nullptr);
    route.later = std::move(handler);
    return route;
}

std::vector<Route> routes() {
    std::vector<Route> all;
    all.push_back(open_route(Method::get, "/hello", [](Request) { return text("hello"); }));
    all.push_back(
        open_route(Method::post, "/echo", [](Request request) { return text(std::string(request.body())); }));
    all.push_back(open_route(Method::get, "/items/{id}", [](Request request) {
        return text("item " + std::string(request.parameter("id")));
    }));
    all.push_back(open_route(Method::get, "/items/search", [](Request request) {
        return text("search " + std::string(request.query()));
    }));
    all.push_back(open_route(Method::put, "/items/{key}", [](Request request) {
        return text("put " + std::string(request.parameter("key")));
    }));
    all.push_back(open_route(Method::get, "/files/{path...}", [](Request request) {
        return text("file " + std::string(request.parameter("path")));
    }));
    all.push_back(
        open_route(Method::get, "/large", [](Request) { return text(std::string(5'000'000, 'x')); }));
    all.push_back(open_route(Method::get, "/fails", [](Request) -> Response {
        throw Failure(conflict("ALREADY_THERE", "it is already there"));
    }));
    all.push_back(later(Method::get, "/breaks", [](Request) { return fail_later(); }));
    all.push_back(later(Method::get, "/slow", [](Request) { return answer_later("slow", Millis{150}); }));
    all.push_back(later(Method::get, "/stuck", [](Request) { return answer_later("", seconds{60}); }));
    auto secret =
        open_route(Method::get, "/secret", [](Request request) { return text(request.caller().name); });
    secret.access = Permission{"platform:messaging:event:view"};
    all.push_back(std::move(secret));
    auto small =
        open_route(Method::post, "/small", [](Request request) { return text(std::string(request.body())); });
    small.body_bytes_max = 10;
    all.push_back(std::move(small));
    return all;
}

class Quiet : public ::testing::Environment {
public:
    void SetUp() override { log::start({.level = log::Level::error}); }
};
const auto* const quiet = ::testing::AddGlobalTestEnvironment(new Quiet);

std::string get(std::string_view path, std::string_view fields = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

TEST(Server, AnswersWithTheHeadersThatEveryAnswerHas) {
    TestServer server(routes());
    TestClient client(server.port());
    const auto answer = client.send("GET", "/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("X-Correlation-ID").size(), 16U);
    EXPECT_TRUE(answer.header("Date").ends_with(" GMT"));
}

TEST(Server, EchoesTheCorrelationId) {
    TestServer server(routes());
    TestClient client(server.port());
    EXPECT_EQ(
        client.send("GET", "/hello", "", "X-Correlation-ID: order-7\r\n").header("X-Correlation-ID"),
        "order-7");
    EXPECT_EQ(
        client.send("GET", "/hello", "", "X-Request-ID: req-1\r\n").header("X-Correlation-ID"), "req-1");
}

TEST(Server, KeepsAConnectionForManyRequests) {
    TestServer server(routes());
    TestClient client(server.port());
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(client.send("POST", "/echo", std::string(i * 100 + 1, 'a')).status, 200);
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
    TestServer server(routes());
    TestClient client(server.port());
    std::string all = get("/slow");
    for (int i = 0; i < 20; ++i) {
        all += "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
    }
    client.write(all);
    EXPECT_EQ(client.read().body, "slow");
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.read().body, std::to_string(10 + i));
}

TEST(Server, ReadsARequestThatComesByteByByte) {
    TestServer server(routes());
    TestClient client(server.port());
    const std::string request = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nabcde";
    for (char c : request) client.write({&c, 1});
    EXPECT_EQ(client.read().body, "abcde");
}

TEST(Server, ReadsChunkedBodiesAndTheRequestBehindThem) {
    TestServer server(routes());
    TestClient client(server.port());
    client.write("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nwiki\r\n");
    client.write("5\r\npedia\r\n0\r\nTrailer: t\r\n\r\n" + get("/hello"));
    EXPECT_EQ(client.read().body, "wikipedia");
    EXPECT_EQ(client.read().body, "hello");
}

TEST(Server, ReadsALargeBodyAndWritesALargeAnswer) {
    TestServer server(routes());
    TestClient client(server.port());
    const std::string body(1024 * 1024, 'b');
    EXPECT_EQ(client.send("POST", "/echo", body).body, body);
    EXPECT_EQ(client.send("GET", "/large").body.size(), 5'000'000U);
}

TEST(Server, InvitesABodyThatWaitsForIt) {
    TestServer server(routes());
    TestClient client(server.port());
    client.write("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read().status, 100);
    client.write("ok");
    EXPECT_EQ(client.read().body, "ok");
}

TEST(Server, RefusesABodyBeforeItIsSent) {
    TestServer server(routes());
    TestClient client(server.port());
    client.write("POST /small HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.header("Connection"), "close");
    client.close();
}

TEST(Server, TellsTheClientOfATooLargeBodyEvenWhileItSends) {
    TestServer server(routes());
    TestClient client(server.port());
    const auto answer = client.send("POST", "/small", std::string(200'000, 'x'));
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.contains("at most 10 bytes")) << answer.body;
}

TEST(Server, RefusesATooLargeChunkedBody) {
    TestServer server(routes());
    TestClient client(server.port());
    client.write(
        "POST /small HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: "
        "chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n");
    EXPECT_EQ(client.read().status, 413);
}

TEST(Server, FindsLiteralsBeforeParametersAndDecodesThem) {
    TestServer server(routes());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/items/search?q=1").body, "search q=1");
    EXPECT_EQ(client.send("GET", "/items/a%3Ab%2Fc").body, "item a:b/c");
    EXPECT_EQ(client.send("PUT", "/items/7/").body, "put 7");
    EXPECT_EQ(client.send("GET", "/files/css/a.css").body, "file css/a.css");
    EXPECT_EQ(client.send("GET", "/items/%zz").status, 400);
    EXPECT_EQ(client.send("GET", "/items/%ff").status, 400);
}

TEST(Server, AnswersHeadWithoutABody) {
    TestServer server(routes());
    TestClient client(server.port());
    const auto answer = client.send("HEAD", "/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Length"), "5");
    EXPECT_EQ(client.send("GET", "/hello").body, "hello");
}

TEST(Server, NamesTheMethodsOfAPath) {
    TestServer server(routes());
    TestClient client(server.port());
    const auto wrong = client.send("DELETE", "/items/7");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json");
    const auto options = client.send("OPTIONS", "/items/7");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("Allow"), "GET, HEAD, PUT, OPTIONS");
}

TEST(Server, AnswersProblems) {
    TestServer server(routes());
    TestClient client(server.port());
    const auto missing = client.send("GET", "/nothing");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(
        missing.body,
        R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is nothing at this path",)"
        R"("instance":"/nothing","error":"NOT_FOUND","message":"there is nothing at this path"})");
    const auto failed = client.send("GET", "/fails");
    EXPECT_EQ(failed.status, 409);
    EXPECT_TRUE(failed.contains(R"("error":"ALREADY_THERE")"));
}

TEST(Server, HidesTheDetailOfAnUnexpectedFailure) {
    TestServer server(routes());
    TestClient client(server.port());
    std::vector<std::string> lines;
    log::redirect([&](std::string_view line) { lines.emplace_back(line); });
    const auto answer = client.send("GET", "/breaks", "", "X-Correlation-ID: trace-me\r\n");
    log::redirect({});
    EXPECT_EQ(answer.status, 500);
    EXPECT_FALSE(answer.contains("secret detail"));
    EXPECT_TRUE(answer.contains(R"("traceId":"trace-me")")) << answer.body;
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("trace=trace-me error=\"secret detail\""), std::string::npos) << lines[0];
    EXPECT_EQ(client.send("GET", "/hello").status, 200);
}

TEST(Server, AsksForATokenWhereARouteNeedsAPermission) {
    TestServer server(routes());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/secret").body, "tester");
    client.write(get("/secret"));
    const auto missing = client.read();
    EXPECT_EQ(missing.status, 401);
    EXPECT_EQ(missing.header("WWW-Authenticate"), R"(Bearer realm="flowcatalyst")");
    client.write(get("/secret", "Authorization: Bearer wrong\r\n"));
    const auto wrong = client.read();
    EXPECT_EQ(wrong.status, 401);
    EXPECT_TRUE(wrong.header("WWW-Authenticate").ends_with(R"(error="invalid_token")"));
    client.write(get("/secret", "Authorization: Basic dTpw\r\n"));
    EXPECT_EQ(client.read().status, 401);
}

TEST(Server, ClosesWhenAsked) {
    TestServer server(routes());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/hello", "", "Connection: close\r\n").header("Connection"), "close");
    EXPECT_TRUE(client.is_closed());
    TestClient old(server.port());
    old.write("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.read().body, "hello");
    EXPECT_TRUE(old.is_closed());
}

ServerSettings impatient() {
    ServerSettings settings;
    settings.head_timeout = Millis{60};
    settings.body_timeout = Millis{60};
    settings.idle_timeout = Millis{60};
    return settings;
}

TEST(Server, ASlowHeaderTimesOut) {
    TestServer server(routes(), impatient());
    TestClient client(server.port());
    client.write("GET /hello HTTP/1.1\r\nHo");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, ASlowBodyTimesOut) {
    TestServer server(routes(), impatient());
    TestClient client(server.port());
    client.write("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(client.read().status, 408);
}

TEST(Server, AnIdleConnectionIsClosedSilently) {
    TestServer server(routes(), impatient());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/hello").status, 200);
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, AHandlerMayTakeLongerThanAClient) {
    TestServer server(routes(), impatient());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/slow").body, "slow");
}

TEST(Server, OneConnectionTooManyIsToldSo) {
    ServerSettings settings;
    settings.connections_max = 1;
    TestServer server(routes(), settings);
    TestClient first(server.port());
    EXPECT_EQ(first.send("GET", "/hello").status, 200);
    first.write(get("/slow"));
    TestClient second(server.port());
    second.write(get("/hello"));
    const auto answer = second.read();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(first.read().body, "slow");
}

TEST(Server, DrainFinishesRequestsAndClosesTheRest) {
    TestServer server(routes());
    TestClient idle(server.port());
    EXPECT_EQ(idle.send("GET", "/hello").status, 200);
    TestClient busy(server.port());
    EXPECT_EQ(busy.send("GET", "/hello").status, 200);
    busy.write(get("/slow"));
    Millis wait{30};
    boost::asio::io_context io;
    boost::asio::steady_timer(io, wait).wait();
    server.stop(seconds{5});
    EXPECT_TRUE(idle.is_closed());
    const auto answer = busy.read();
    EXPECT_EQ(answer.body, "slow");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(busy.is_closed());
    EXPECT_THROW(TestClient late(server.port()), boost::system::system_error);
}

TEST(Server, DrainCancelsAtItsDeadline) {
    TestServer server(routes());
    TestClient client(server.port());
    EXPECT_EQ(client.send("GET", "/hello").status, 200);
    client.write(get("/stuck"));
    server.stop(Millis{50});
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, SaysWhichPortIsTaken) {
    TestServer server(routes());
    boost::asio::io_context io;
    ServerSettings settings;
    settings.bind_address = "127.0.0.1";
    settings.port = Bounded<0, 65535>::parse(server.port()).value();
    const RouteTable table;
    const TokenAuthenticator authenticator(Secret{"x"}, {});
    try {
        const Server second(io, settings, table, authenticator);
        FAIL() << "the port was taken twice";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "port " + std::to_string(server.port()) + " is already in use (HTTP_PORT)");
    }
    settings.bind_address = "nowhere";
    EXPECT_THROW(Server(io, settings, table, authenticator), std::runtime_error);
}

TEST(Server, CountsRequestsByRouteAndStatus) {
    TestServer server(routes());
    TestClient client(server.port());
    client.send("GET", "/items/7");
    client.send("GET", "/items/8");
    client.send("GET", "/nothing");
    const auto text = server.metrics.exposition();
    EXPECT_NE(
        text.find(R"(flowcatalyst_http_requests_total{method="GET",path="/items/{id}",status="2xx"} 2)"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find(R"({method="none",path="none",status="4xx"} 1)"), std::string::npos);
}

}  // namespace
}  // namespace fc::http
