#pragma once

#include "http/route_table.h"
#include "http/routes.h"
#include "http/server.h"
#include "runtime/task_group.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// For tests: a webhook target on a free port of the loopback, on the test's io_context, that writes down
/// what it gets and answers as it is told.
namespace fc::http::testing {

class RecordingTarget {
public:
    struct Seen {
        Headers headers;
        std::string body;

        /// "" when absent.
        std::string header(std::string_view name) const {
            for (const auto& [known, value] : headers) {
                if (equal_names(known, name)) return value;
            }
            return {};
        }
    };

    explicit RecordingTarget(boost::asio::io_context& io)
        : routes_(make_routes()),
          authenticator_(Secret{"nobody"}, Caller{}),
          server_(io, on_loopback(), routes_, authenticator_),
          let_go_(io.get_executor()),
          tasks_(io.get_executor(), "target") {
        tasks_.spawn(server_.run());
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/hook"; }
    /// Requests are read and not answered until `let_go`.
    void hold() {
        let_go_.expires_at(Timer::time_point::max());
        is_held_ = true;
    }
    void let_go() {
        is_held_ = false;
        let_go_.cancel();
    }
    /// What the next request is answered.
    void answer(int status, std::string body = "", Headers headers = {}) {
        Response response;
        response.status = status;
        response.body = std::move(body);
        response.headers = std::move(headers);
        answers_.push_back(std::move(response));
    }
    Task<> stop() {
        let_go();
        constexpr Millis deadline{1'000};
        co_await server_.stop(deadline);
        co_await tasks_.drain(deadline);
    }
    /// The bodies of all requests, one after the other with a space behind each.
    std::string bodies() const {
        std::string all;
        for (const auto& one : requests) all += one.body + ' ';
        return all;
    }

    std::vector<Seen> requests;

private:
    static ServerSettings on_loopback() {
        ServerSettings settings;
        settings.port = 0;
        settings.bind_address = "127.0.0.1";
        return settings;
    }
    RouteTable make_routes() {
        Routes routes("/hook", "Target");
        routes.post("", "Receive", bind(this, &RecordingTarget::receive), open_to_all);
        return RouteTable(routes.take());
    }
    Task<Response> receive(Request request) {
        Seen seen;
        for (const auto& [name, value] : request.head().fields) seen.headers.emplace_back(name, value);
        seen.body = request.body();
        requests.push_back(std::move(seen));
        constexpr boost::asio::use_awaitable_t<Executor> use_task;
        boost::system::error_code woken;
        if (is_held_) co_await let_go_.async_wait(boost::asio::redirect_error(use_task, woken));
        Response response;
        if (!answers_.empty()) {
            response = std::move(answers_.front());
            answers_.pop_front();
        }
        co_return response;
    }

    RouteTable routes_;
    TokenAuthenticator authenticator_;
    Server server_;
    Timer let_go_;
    TaskGroup tasks_;
    std::deque<Response> answers_;
    bool is_held_ = false;
};

}  // namespace fc::http::testing
