#pragma once

#include "http/client.h"
#include "http/scripted_server.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace fc::http {

/// A request under way in a test.
struct Sending {
    std::optional<ClientResponse> response;
    std::exception_ptr thrown;
    bool is_done = false;
    boost::asio::cancellation_signal cancel;
};

/// Runs a client and scripted servers on one io_context.
class ClientFixture : public ::testing::Test {
protected:
    ClientFixture() { settings_.egress.loopback_allowed = true; }

    static ClientRequest post(const std::string& url, std::string body = "{}") {
        ClientRequest request;
        request.url = url;
        request.body = std::move(body);
        request.total_timeout = Millis{5000};
        return request;
    }

    std::shared_ptr<Sending> start(Client& client, ClientRequest request) {
        auto sending = std::make_shared<Sending>();
        const auto on_end = [sending](const std::exception_ptr& thrown, ClientResponse response) {
            sending->is_done = true;
            sending->thrown = thrown;
            if (!thrown) sending->response = std::move(response);
        };
        boost::asio::co_spawn(
            io_,
            client.send(std::move(request)),
            boost::asio::bind_cancellation_slot(sending->cancel.slot(), on_end));
        return sending;
    }

    void finish(const Sending& sending) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!sending.is_done && std::chrono::steady_clock::now() < give_up) {
            io_.restart();
            io_.run_one_until(give_up);
        }
        ASSERT_TRUE(sending.is_done) << "the request never ended";
    }

    ClientResponse send(Client& client, ClientRequest request) {
        const auto sending = start(client, std::move(request));
        finish(*sending);
        return sending->response.value_or(ClientResponse{});
    }

    /// Lets everything happen that needs no more than `duration`.
    void run_for(Millis duration) {
        io_.restart();
        io_.run_for(duration);
    }

    boost::asio::io_context io_;
    ClientSettings settings_;
};

inline std::string failure_of(const ClientResponse& response) {
    return response.failure ? response.failure->detail : "none";
}

}  // namespace fc::http
