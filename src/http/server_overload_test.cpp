#include "http/server.h"
#include "http/test_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace fc::http {
namespace {

using testing::open_route;
using testing::TestAnswer;
using testing::TestClient;
using testing::TestServer;

constexpr std::size_t mib = 1024 * 1024;

Route route(Method method, std::string path, std::function<Response(Request)> handler) {
    auto made = open_route(method, std::move(path), std::move(handler));
    made.body_bytes_max = 16 * mib;
    return made;
}

/// `POST /store` sheds, `POST /other` does not; `GET /huge` answers more than sockets hold.
std::vector<Route> routes() {
    const auto size = [](Request request) {
        Response response;
        response.body = std::to_string(request.body().size());
        return response;
    };
    std::vector<Route> all;
    all.push_back(route(Method::post, "/store", size));
    all.back().sheds = true;
    all.push_back(route(Method::post, "/other", size));
    all.push_back(route(Method::get, "/huge", [](Request) {
        Response response;
        response.body = std::string(50 * mib, 'x');
        return response;
    }));
    return all;
}

std::string head(std::string_view path, std::size_t length, std::string_view fields = {}) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

class ServerOverload : public ::testing::Test {
public:
    std::atomic<bool> is_behind = true;
    TestServer server{routes(), {}, [this] { return is_behind.load(); }};
    TestClient client{server.port()};
};

TEST_F(ServerOverload, RefusesWhatStoresAndServesTheRest) {
    const auto refused = client.send("POST", "/store", "{}");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_TRUE(refused.contains("OVERLOADED")) << refused.body;
    EXPECT_EQ(client.send("POST", "/other", "{}").status, 200);
    is_behind = false;
    EXPECT_EQ(client.send("POST", "/store", "{}").status, 200);
    EXPECT_NE(
        server.metrics.exposition().find(R"(http_requests_shed_total{cause="store"} 1)"), std::string::npos);
}

TEST_F(ServerOverload, RefusesBeforeTheBodyComesAndKeepsTheConnection) {
    client.write(head("/store", 200'000));
    const auto refused = client.read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Connection"), "");
    is_behind = false;
    client.write(std::string(200'000, 'x') + head("/store", 3) + "abc");
    EXPECT_EQ(client.read().body, "3");
}

TEST_F(ServerOverload, DoesNotWaitForALargeBodyThatItRefused) {
    client.write(head("/store", 2 * mib));
    EXPECT_EQ(client.read().header("Connection"), "close");
    TestClient asking(server.port());
    asking.write(head("/store", 10, "Expect: 100-continue\r\n"));
    EXPECT_EQ(asking.read().header("Connection"), "close") << "who asks first may not send it";
}

TEST_F(ServerOverload, RefusesABodyThatCameWhileItFellBehind) {
    is_behind = false;
    client.write(head("/store", 10, "Expect: 100-continue\r\n"));
    EXPECT_EQ(client.read().status, 100);
    is_behind = true;
    client.write("0123456789");
    EXPECT_EQ(client.read().status, 503);
}

TEST(ServerMemory, BodiesOfAllTogetherAreBounded) {
    ServerSettings settings;
    settings.bodies_mib_max = 2;
    TestServer server(routes(), settings);
    TestClient large(server.port());
    const std::string text(3 * mib / 2, 'x');
    large.write(head("/other", text.size() + 1) + text);
    TestClient other(server.port());
    auto answer = other.send("POST", "/store", "{}");
    while (answer.status == 200) answer = other.send("POST", "/store", "{}");  // until `text` was read
    EXPECT_EQ(answer.status, 503) << "what stores has half of it";
    EXPECT_EQ(other.send("POST", "/other", "{}").status, 200);
    large.write("x");
    EXPECT_EQ(large.read().body, std::to_string(text.size() + 1));
    EXPECT_EQ(other.send("POST", "/store", "{}").status, 200) << "and has it again";
}

TEST(ServerMemory, BodyThatGrowsTooLargeIsRefusedWhileItComes) {
    ServerSettings settings;
    settings.bodies_mib_max = 2;
    TestServer server(routes(), settings);
    TestClient client(server.port());
    client.write(head("/store", 4 * mib));
    client.write(std::string(3 * mib / 2, 'x'));
    EXPECT_EQ(client.read().status, 503);
    TestClient chunked(server.port());
    chunked.write("POST /store HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n180000\r\n");
    chunked.write(std::string(3 * mib / 2, 'x'));
    EXPECT_EQ(chunked.read().status, 503);
}

TEST(ServerMemory, SlowestReaderIsCutOffWhenTooMuchIsNotTaken) {
    ServerSettings settings;
    settings.answers_mib_max = 60;
    TestServer server(routes(), settings);
    TestClient slow(server.port());
    slow.write("GET /huge HTTP/1.1\r\nHost: test\r\n\r\n");
    TestClient next(server.port());
    EXPECT_EQ(next.send("GET", "/huge").body.size(), 50 * mib);
    EXPECT_LT(slow.read().body.size(), 50 * mib);
    EXPECT_TRUE(slow.is_closed());
    TestClient alone(server.port());
    EXPECT_EQ(alone.send("GET", "/huge").body.size(), 50 * mib);
}

TEST(ServerConnections, TheLongestIdleGivesWayToANewOne) {
    ServerSettings settings;
    settings.connections_max = 2;
    TestServer server(routes(), settings);
    TestClient first(server.port());
    TestClient second(server.port());
    EXPECT_EQ(second.send("POST", "/other", "a").status, 200);
    EXPECT_EQ(first.send("POST", "/other", "a").status, 200);
    TestClient third(server.port());
    EXPECT_EQ(third.send("POST", "/other", "a").status, 200);
    EXPECT_TRUE(second.is_closed());
    EXPECT_EQ(first.send("POST", "/other", "a").status, 200);
}

TEST(ServerConnections, UnfinishedHeaderHoldsNoPlace) {
    ServerSettings settings;
    settings.connections_max = 1;
    TestServer server(routes(), settings);
    TestClient slow(server.port());
    slow.write("POST /other HT");
    TestClient other(server.port());
    EXPECT_EQ(other.send("POST", "/other", "a").status, 200);
    EXPECT_TRUE(slow.is_closed());
}

/// Holds its io_context in `GET /hold` until connections wait in the kernel. Who asks for `/metrics` is told
/// what they are then.
class ServerAccept : public ::testing::Test {
protected:
    std::vector<Route> routes() {
        const auto hold = [this](Request) {
            is_held.set_value();
            all_wait.get_future().wait_for(seconds{10});
            return Response();
        };
        const auto show = [this](Request) {
            Response response;
            response.body = server->metrics.exposition();
            return response;
        };
        return {route(Method::get, "/hold", hold), route(Method::get, "/metrics", show)};
    }
    void start() { server.emplace(routes(), settings); }
    /// Answers to `count` connections that all waited together.
    std::vector<TestAnswer> answers(int count) {
        TestClient holding(server->port());
        holding.write("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
        is_held.get_future().wait_for(seconds{10});
        std::vector<std::unique_ptr<TestClient>> waiting;
        for (int i = 0; i < count; ++i) {
            waiting.push_back(std::make_unique<TestClient>(server->port()));
            waiting.back()->write("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
        }
        all_wait.set_value();
        std::vector<TestAnswer> all;
        all.reserve(waiting.size());
        for (const auto& client : waiting) all.push_back(client->read());
        return all;
    }

    ServerSettings settings;
    std::promise<void> is_held;
    std::promise<void> all_wait;
    std::optional<TestServer> server;
};

TEST_F(ServerAccept, ConnectionsThatWaitAreTakenTogether) {
    start();
    EXPECT_TRUE(answers(50).front().contains("http_active_connections 51\n"));
}

TEST_F(ServerAccept, BurstFindsTheRoomThatIdleConnectionsGive) {
    settings.connections_max = 100;
    start();
    std::vector<std::unique_ptr<TestClient>> idle;
    for (int i = 0; i < 99; ++i) {
        idle.push_back(std::make_unique<TestClient>(server->port()));
        EXPECT_EQ(idle.back()->send("GET", "/metrics").status, 200);
    }
    for (const auto& answer : answers(90)) EXPECT_EQ(answer.status, 200);
}

}  // namespace
}  // namespace fc::http
