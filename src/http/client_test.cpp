#include "http/client.h"

#include "http/client_fixture.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace fc::http {
namespace {

using Kind = TransportFailureKind;

class ClientTest : public ClientFixture {};

TEST_F(ClientTest, SendsHeadAndBodyAndReadsTheResponse) {
    ScriptedServer server(io_, {{read_request(), answer("{\"ack\":true}", "X-One: 1\r\n")}});
    Client client(io_.get_executor(), settings_);
    auto request = post(server.url("/a?b=c%20d"), "hello");
    request.headers = {{"X-Id", "7"}, {"Content-Type", "application/json"}};
    const auto response = send(client, request);
    EXPECT_EQ(failure_of(response), "none");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{\"ack\":true}");
    EXPECT_EQ(response.header("x-one"), "1");
    EXPECT_FALSE(response.header("x-two"));
    const auto host = "127.0.0.1:" + std::to_string(server.port());
    EXPECT_EQ(
        server.requests.at(0),
        "POST /a?b=c%20d HTTP/1.1\r\nHost: " + host +
            "\r\nX-Id: 7\r\nContent-Type: application/json\r\nUser-Agent: FlowCatalyst\r\n"
            "Content-Length: 5\r\n\r\nhello");
}

TEST_F(ClientTest, KeepsTheConnectionAndTellsItsTimings) {
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), wait(Millis{20}), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto first = send(client, post(server.url()));
    const auto second = send(client, post(server.url()));
    EXPECT_EQ(second.body, "b");
    EXPECT_EQ(server.connections, 1U);
    EXPECT_GT(first.timings.connect.count(), 0);
    EXPECT_EQ(first.timings.tls.count(), 0);
    EXPECT_EQ(second.timings.connect.count(), 0);
    EXPECT_GE(second.timings.first_byte, std::chrono::milliseconds(20));
    EXPECT_GE(second.timings.total, second.timings.first_byte);
}

TEST_F(ClientTest, AnotherUrlOfTheSameHostIsAskedForAtOnce) {
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), answer("b"), read_request(), answer("c")}});
    Client client(io_.get_executor(), settings_);
    for (const auto* path : {"/1", "/2?x", "/1"}) send(client, post(server.url(path)));
    ASSERT_EQ(server.requests.size(), 3U);
    EXPECT_TRUE(server.requests[0].starts_with("POST /1 HTTP"));
    EXPECT_TRUE(server.requests[1].starts_with("POST /2?x HTTP"));
    EXPECT_TRUE(server.requests[2].starts_with("POST /1 HTTP"));
}

TEST_F(ClientTest, DoesNotKeepAConnectionThatTheServerWillClose) {
    ScriptedServer server(io_, {{read_request(), answer("a", "Connection: close\r\n")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    EXPECT_EQ(client.idle_connections(), 0U);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    EXPECT_EQ(server.connections, 2U);
}

TEST_F(ClientTest, ReadsChunksInterimResponsesAndBodiesThatEndWithTheStream) {
    ScriptedServer chunked(
        io_,
        {{read_request(),
          write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                "chunked\r\n\r\n3\r\nab"),
          wait(Millis{5}),
          write("c\r\n2;x=y\r\nde\r\n0\r\n\r\n")}});
    ScriptedServer to_the_end(
        io_,
        {{read_request(), write("HTTP/1.0 202 Accepted\r\n\r\nab"), wait(Millis{5}), write("cd"), end()}});
    Client client(io_.get_executor(), settings_);
    const auto first = send(client, post(chunked.url()));
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, "abcde");
    EXPECT_FALSE(first.header("link"));
    EXPECT_EQ(client.idle_connections(), 1U);
    const auto second = send(client, post(to_the_end.url()));
    EXPECT_EQ(second.status, 202);
    EXPECT_EQ(second.body, "abcd");
}

TEST_F(ClientTest, DoesNotWaitForABodyWhereNoneComes) {
    ScriptedServer server(
        io_,
        {{read_request(),
          write("HTTP/1.1 204 No Content\r\n\r\n"),
          read_request(),
          write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).status, 204);
    auto head = post(server.url(), "");
    head.method = "HEAD";
    EXPECT_EQ(send(client, head).status, 200);
    EXPECT_EQ(server.connections, 1U);
}

TEST_F(ClientTest, DoesNotFollowRedirects) {
    ScriptedServer server(
        io_,
        {{read_request(), write("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")}});
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post(server.url()));
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(response.header("Location"), "/other");
    EXPECT_EQ(server.requests.size(), 1U);
}

TEST_F(ClientTest, KeepsTheFirst64KibOfABodyAndReadsTheRest) {
    ScriptedServer server(
        io_, {{read_request(), answer(std::string(300 * 1024, 'x')), read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post(server.url()));
    EXPECT_EQ(failure_of(response), "none");
    EXPECT_EQ(response.body.size(), 64U * 1024);
    EXPECT_TRUE(response.body_truncated);
    EXPECT_EQ(send(client, post(server.url())).body, "b");
    EXPECT_EQ(server.connections, 1U);
}

TEST_F(ClientTest, ClosesTheConnectionOfABodyWithoutEnd) {
    ScriptedServer server(io_, {{read_request(), answer(std::string(3 * 1024 * 1024, 'x'))}});
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post(server.url()));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(failure_of(response), "none");
    EXPECT_TRUE(response.body_truncated);
    EXPECT_EQ(client.idle_connections(), 0U);
}

TEST_F(ClientTest, SendsLargeBodiesToASlowReader) {
    ScriptedServer server(io_, {{wait(Millis{50}), read_request(), answer("ok")}});
    Client client(io_.get_executor(), settings_);
    const std::string body(8 * 1024 * 1024, 'y');
    EXPECT_EQ(send(client, post(server.url(), body)).body, "ok");
    EXPECT_TRUE(server.requests.at(0).ends_with("\r\n\r\n" + body));
}

TEST_F(ClientTest, TakesAnAnswerGivenBeforeTheWholeRequestWasRead) {
    ScriptedServer server(
        io_,
        {{read_some(),
          write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
          wait(Millis{50}),
          end()}});
    Client client(io_.get_executor(), settings_);
    const auto response = send(client, post(server.url(), std::string(8 * 1024 * 1024, 'y')));
    EXPECT_EQ(response.status, 413) << failure_of(response);
    EXPECT_EQ(client.idle_connections(), 0U);
}

TEST_F(ClientTest, TotalTimeoutEndsARequestAtEachStage) {
    ScriptedServer silent(io_, {{read_request()}});
    ScriptedServer slow_body(
        io_, {{read_request(), write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")}});
    ScriptedServer never_reads(io_, {{wait(Millis{60'000})}});
    Client client(io_.get_executor(), settings_);
    for (const auto& url : {silent.url(), slow_body.url(), never_reads.url()}) {
        auto request = post(url, std::string(16 * 1024 * 1024, 'y'));
        request.total_timeout = Millis{120};
        if (url != never_reads.url()) request.body = "{}";
        const auto response = send(client, request);
        ASSERT_TRUE(response.failure) << url;
        EXPECT_EQ(response.failure->kind, Kind::timeout) << response.failure->detail;
        EXPECT_EQ(response.status, 0);
        EXPECT_TRUE(response.body.empty());
        EXPECT_GE(response.timings.total, std::chrono::milliseconds(120));
        EXPECT_LT(response.timings.total, std::chrono::milliseconds(3000));
    }
    EXPECT_EQ(client.idle_connections(), 0U);
}

TEST_F(ClientTest, AShortTimeoutAfterALongOneIsKeptOnTheSameConnection) {
    ScriptedServer server(io_, {{read_request(), answer("a"), read_request()}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    auto request = post(server.url());
    request.total_timeout = Millis{80};
    const auto response = send(client, request);
    ASSERT_TRUE(response.failure);
    EXPECT_EQ(response.failure->kind, Kind::timeout);
    EXPECT_EQ(server.connections, 1U);
    EXPECT_LT(response.timings.total, std::chrono::milliseconds(3000));
}

TEST_F(ClientTest, ALongTimeoutAfterAShortOneIsNotCutShort) {
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), wait(Millis{250}), answer("b")}});
    Client client(io_.get_executor(), settings_);
    auto request = post(server.url());
    request.total_timeout = Millis{150};
    EXPECT_EQ(send(client, request).body, "a");
    EXPECT_EQ(send(client, post(server.url())).body, "b");
    EXPECT_EQ(server.connections, 1U);
}

TEST_F(ClientTest, FailuresAreValuesOfTheirKind) {
    ScriptedServer resets(io_, {{read_request(), reset()}});
    ScriptedServer cut(
        io_, {{read_request(), write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), end()}});
    ScriptedServer closes(io_, {{read_request(), end()}});
    ScriptedServer garbage(io_, {{read_request(), write("220 smtp.example.com ready\r\n")}});
    ScriptedServer switches(io_, {{read_request(), write("HTTP/1.1 101 Switching Protocols\r\n\r\n")}});
    ScriptedServer bad_chunk(
        io_, {{read_request(), write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}});
    ScriptedServer huge_header(
        io_, {{read_request(), write("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")}});
    Client client(io_.get_executor(), settings_);
    const std::pair<ScriptedServer*, Kind> cases[] = {
        {&resets, Kind::reset},
        {&cut, Kind::reset},
        {&closes, Kind::reset},
        {&garbage, Kind::protocol},
        {&switches, Kind::protocol},
        {&bad_chunk, Kind::protocol},
        {&huge_header, Kind::too_large}};
    for (const auto& [server, kind] : cases) {
        const auto response = send(client, post(server->url()));
        ASSERT_TRUE(response.failure);
        EXPECT_EQ(response.failure->kind, kind) << response.failure->detail;
        EXPECT_EQ(response.status, 0);
        EXPECT_TRUE(response.headers.empty());
        EXPECT_EQ(server->connections, 1U) << "a request on a fresh connection is never repeated";
    }
    EXPECT_EQ(client.idle_connections(), 0U);
}

TEST_F(ClientTest, RefusedConnectionsAndUnknownNamesAreConnectFailures) {
    std::string url;
    {
        ScriptedServer gone(io_, {{}});
        url = gone.url();
        gone.stop_listening();
    }
    Client client(io_.get_executor(), settings_);
    const auto refused = send(client, post(url));
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->kind, Kind::connect);
    EXPECT_NE(refused.failure->detail.find("Connection refused"), std::string::npos)
        << refused.failure->detail;
    const auto unknown = send(client, post("http://no-such-host.invalid/"));
    ASSERT_TRUE(unknown.failure);
    EXPECT_EQ(unknown.failure->kind, Kind::connect);
    EXPECT_NE(unknown.failure->detail.find("no-such-host.invalid"), std::string::npos)
        << unknown.failure->detail;
}

TEST_F(ClientTest, RefusesWhatWouldWriteHeadersOfItsOwn) {
    ScriptedServer server(io_, {{read_request(), answer("a")}});
    Client client(io_.get_executor(), settings_);
    auto injected = post(server.url());
    injected.headers = {{"X-A", "1\r\nX-B: 2"}};
    EXPECT_EQ(send(client, injected).failure->kind, Kind::invalid_request);
    auto method = post(server.url());
    method.method = "GET / HTTP/1.1\r\nX: ";
    EXPECT_EQ(send(client, method).failure->kind, Kind::invalid_request);
    EXPECT_EQ(send(client, post("ftp://127.0.0.1/")).failure->kind, Kind::invalid_request);
    auto framing = post(server.url(), "abc");
    framing.headers = {{"content-length", "0"}, {"Transfer-Encoding", "chunked"}, {"Host", "other"}};
    EXPECT_EQ(send(client, framing).body, "a");
    EXPECT_EQ(server.requests.size(), 1U);
    EXPECT_TRUE(server.requests.at(0).ends_with("Content-Length: 3\r\n\r\nabc"));
    EXPECT_EQ(server.requests.at(0).find("chunked"), std::string::npos);
}

TEST_F(ClientTest, CancellationThrowsAndClosesTheConnection) {
    ScriptedServer server(io_, {{read_request()}});
    Client client(io_.get_executor(), settings_);
    const auto sending = start(client, post(server.url()));
    run_for(Millis{50});
    ASSERT_EQ(server.requests.size(), 1U);
    sending->cancel.emit(boost::asio::cancellation_type::terminal);
    finish(*sending);
    ASSERT_TRUE(sending->thrown);
    try {
        std::rethrow_exception(sending->thrown);
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), boost::asio::error::operation_aborted);
    }
    EXPECT_EQ(client.idle_connections(), 0U);
}

}  // namespace
}  // namespace fc::http
