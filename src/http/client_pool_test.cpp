#include "http/client_pool.h"

#include "http/client_fixture.h"

namespace fc::http {
namespace {

using Kind = TransportFailureKind;

class ClientPoolTest : public ClientFixture {};

TEST_F(ClientPoolTest, ARequestOnAStaleConnectionIsSentOnceMoreOnANewOne) {
    // The server closes without a word when the second request arrives.
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), end()}, {read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    const auto second = send(client, post(server.url()));
    EXPECT_EQ(failure_of(second), "none");
    EXPECT_EQ(second.body, "b");
    EXPECT_EQ(server.connections, 2U);
    EXPECT_EQ(server.requests.size(), 3U);
}

TEST_F(ClientPoolTest, IsNotSentAThirdTime) {
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), end()}, {read_request(), end()}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    const auto second = send(client, post(server.url()));
    ASSERT_TRUE(second.failure);
    EXPECT_EQ(second.failure->kind, Kind::reset);
    EXPECT_EQ(server.connections, 2U);
}

TEST_F(ClientPoolTest, AResponseThatBeganIsNeverAskedForAgain) {
    ScriptedServer server(io_, {{read_request(), answer("a"), read_request(), write("HTTP/1.1 200"), end()}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    EXPECT_EQ(send(client, post(server.url())).failure->kind, Kind::reset);
    EXPECT_EQ(server.connections, 1U);
}

TEST_F(ClientPoolTest, AResetAfterTheRequestWasReadIsNotRepeated) {
    ScriptedServer server(
        io_, {{read_request(), answer("a"), read_request(), reset()}, {read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    EXPECT_EQ(send(client, post(server.url())).failure->kind, Kind::reset);
    EXPECT_EQ(server.requests.size(), 2U);
}

TEST_F(ClientPoolTest, AConnectionClosedWhileIdleIsNoticedBeforeItIsUsed) {
    ScriptedServer server(io_, {{read_request(), answer("a"), end()}, {read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    run_for(Millis{30});
    EXPECT_EQ(send(client, post(server.url())).body, "b");
    EXPECT_EQ(server.requests.size(), 2U);
}

TEST_F(ClientPoolTest, BytesNobodyAskedForCondemnAConnection) {
    const auto unasked = answer("a").text + "HTTP/1.1 200 OK\r\n";
    ScriptedServer server(io_, {{read_request(), write(unasked)}, {read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
    EXPECT_EQ(send(client, post(server.url())).body, "b");
    EXPECT_EQ(server.connections, 2U);
}

TEST_F(ClientPoolTest, IdleConnectionsCloseAfterTheirAge) {
    settings_.idle_age_max = std::chrono::seconds(1);
    ScriptedServer server(io_, {{read_request(), answer("a")}});
    Client client(io_.get_executor(), settings_);
    auto request = post(server.url());
    request.total_timeout = Millis{300};
    EXPECT_EQ(send(client, request).body, "a");
    run_for(Millis{600});
    EXPECT_EQ(client.idle_connections(), 1U)
        << "the deadline of the finished request is not that of the connection";
    run_for(Millis{700});
    EXPECT_EQ(client.idle_connections(), 0U);
    EXPECT_EQ(send(client, post(server.url())).body, "a");
}

TEST_F(ClientPoolTest, RequestsWaitInLineForAConnectionOfAFullHost) {
    settings_.connections_per_host_max = 2;
    ScriptedServer::Script answers;
    for (int i = 0; i < 10; ++i) {
        answers.push_back(read_request());
        answers.push_back(wait(Millis{5}));
        answers.push_back(answer("a"));
    }
    ScriptedServer server(io_, {answers});
    Client client(io_.get_executor(), settings_);
    std::vector<std::shared_ptr<Sending>> all;
    all.reserve(10);
    for (int i = 0; i < 10; ++i) all.push_back(start(client, post(server.url())));
    for (const auto& sending : all) {
        finish(*sending);
        EXPECT_EQ(sending->response->body, "a");
    }
    EXPECT_EQ(server.connections, 2U);
    EXPECT_EQ(client.idle_connections(), 2U);
}

TEST_F(ClientPoolTest, ASlotFreedByAFailureGoesToTheNextInLine) {
    settings_.connections_per_host_max = 1;
    ScriptedServer server(io_, {{read_request(), wait(Millis{20}), end()}, {read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto first = start(client, post(server.url()));
    const auto second = start(client, post(server.url()));
    finish(*first);
    finish(*second);
    EXPECT_EQ(first->response->failure->kind, Kind::reset);
    EXPECT_EQ(second->response->body, "b");
}

TEST_F(ClientPoolTest, WaitingInLineEndsAtTheDeadlineAndTheLineIsBounded) {
    settings_.connections_per_host_max = 1;
    settings_.waiting_per_host_max = 1;
    ScriptedServer server(
        io_, {{read_request(), wait(Millis{300}), answer("a"), read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto first = start(client, post(server.url()));
    auto impatient = post(server.url());
    impatient.total_timeout = Millis{50};
    const auto second = start(client, impatient);
    run_for(Millis{5});
    const auto third = send(client, post(server.url()));
    ASSERT_TRUE(third.failure);
    EXPECT_EQ(third.failure->kind, Kind::connect);
    EXPECT_LT(third.timings.total, std::chrono::milliseconds(50));
    finish(*second);
    EXPECT_EQ(second->response->failure->kind, Kind::timeout);
    finish(*first);
    EXPECT_EQ(first->response->body, "a");
    EXPECT_EQ(send(client, post(server.url())).body, "b");
}

TEST_F(ClientPoolTest, ACancelledWaiterLeavesTheLine) {
    settings_.connections_per_host_max = 1;
    ScriptedServer server(
        io_, {{read_request(), wait(Millis{50}), answer("a"), read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto first = start(client, post(server.url()));
    const auto second = start(client, post(server.url()));
    const auto third = start(client, post(server.url()));
    run_for(Millis{10});
    second->cancel.emit(boost::asio::cancellation_type::terminal);
    for (const auto& sending : {first, second, third}) finish(*sending);
    EXPECT_TRUE(second->thrown);
    EXPECT_EQ(first->response->body, "a");
    EXPECT_EQ(third->response->body, "b");
    EXPECT_EQ(server.requests.size(), 2U);
}

TEST_F(ClientPoolTest, KeepsNoMoreIdleConnectionsThanAllowed) {
    settings_.idle_per_host_max = 2;
    ScriptedServer server(io_, {{read_request(), wait(Millis{20}), answer("a")}});
    Client client(io_.get_executor(), settings_);
    std::vector<std::shared_ptr<Sending>> all;
    all.reserve(5);
    for (int i = 0; i < 5; ++i) all.push_back(start(client, post(server.url())));
    for (const auto& sending : all) finish(*sending);
    EXPECT_EQ(server.connections, 5U);
    EXPECT_EQ(client.idle_connections(), 2U);
}

TEST_F(ClientPoolTest, TheLongestIdleGivesWayToTheNext) {
    settings_.idle_max = 2;
    const ScriptedServer::Script twice{read_request(), answer("a"), read_request(), answer("a")};
    ScriptedServer first(io_, {twice});
    ScriptedServer second(io_, {twice});
    ScriptedServer third(io_, {twice});
    Client client(io_.get_executor(), settings_);
    for (auto* server : {&first, &second, &third, &second, &third, &first})
        EXPECT_EQ(send(client, post(server->url())).body, "a");
    EXPECT_EQ(second.connections, 1U);
    EXPECT_EQ(third.connections, 1U);
    EXPECT_EQ(first.connections, 2U);
    EXPECT_EQ(client.idle_connections(), 2U);
}

TEST_F(ClientPoolTest, AfterStopTheContextRunsOutOfWork) {
    Client client(io_.get_executor(), settings_);
    {
        ScriptedServer server(io_, {{read_request(), answer("a")}});
        EXPECT_EQ(send(client, post(server.url())).body, "a");
        EXPECT_EQ(client.idle_connections(), 1U);
        client.stop();
        EXPECT_EQ(client.idle_connections(), 0U);
        server.stop_listening();
        run_for(Millis{20});
    }
    const auto before = std::chrono::steady_clock::now();
    run_for(Millis{2000});
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
}

TEST_F(ClientPoolTest, RefusedAddressesAreNotConnectedTo) {
    settings_.egress.loopback_allowed = false;
    ScriptedServer server(io_, {{read_request(), answer("a"), read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    const auto by_name = "http://localhost:" + std::to_string(server.port()) + "/";
    for (const auto& url : {server.url(), by_name}) {
        const auto response = send(client, post(url));
        ASSERT_TRUE(response.failure) << url;
        EXPECT_EQ(response.failure->kind, Kind::refused_address);
        EXPECT_NE(response.failure->detail.find("is not a public address (loopback)"), std::string::npos);
    }
    EXPECT_EQ(server.connections, 0U);
}

TEST_F(ClientPoolTest, ACheckedRequestDoesNotRideOnAnUncheckedConnection) {
    settings_.egress.loopback_allowed = false;
    ScriptedServer server(io_, {{read_request(), answer("a"), read_request(), answer("b")}});
    Client client(io_.get_executor(), settings_);
    auto own = post(server.url());
    own.egress_checked = false;
    EXPECT_EQ(send(client, own).body, "a");
    EXPECT_EQ(client.idle_connections(), 1U);
    EXPECT_EQ(send(client, post(server.url())).failure->kind, Kind::refused_address);
    EXPECT_EQ(send(client, own).body, "b");
}

TEST_F(ClientPoolTest, LocalhostTriesEachOfItsAddresses) {
    ScriptedServer server(io_, {{read_request(), answer("a")}});
    Client client(io_.get_executor(), settings_);
    EXPECT_EQ(send(client, post("http://LOCALHOST:" + std::to_string(server.port()) + "/")).body, "a");
}

}  // namespace
}  // namespace fc::http
