#pragma once

#include "http/server.h"
#include "runtime/blocking_pool.h"
#include "runtime/task_group.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// For tests: a real server on a free port of the loopback, and a client that says exactly what it is told.
namespace fc::http::testing {

inline constexpr std::string_view token = "a-token-for-tests";

/// A route that asks for no token and answers at once.
inline Route open_route(Method method, std::string path, std::function<Response(Request)> handler) {
    Route route;
    route.method = method;
    route.path = std::move(path);
    route.access = open_to_all;
    route.now = std::move(handler);
    return route;
}

/// Runs its io_context on a thread of its own; everything that touches the server's state is posted there.
class TestServer {
public:
    explicit TestServer(
        std::vector<Route> routes, ServerSettings settings = {}, std::function<bool()> is_behind = {})
        : routes_(std::move(routes)),
          authenticator_(Secret{std::string(token)}, administrator(Id<Principal>{1}, "tester")),
          server_(io_, on_loopback(std::move(settings)), routes_, authenticator_, &metrics) {
        server_.shed_while(std::move(is_behind));
        thread_.submit(std::make_unique<Job>([this] { exit_code_ = run_services(io_, {&server_}); }));
    }
    ~TestServer() {
        stop(Millis{200});
        io_.stop();
    }

    std::uint16_t port() const { return port_; }
    boost::asio::io_context& io() { return io_; }
    /// Begins to stop and returns at once.
    void stop(Millis deadline) {
        if (std::exchange(is_stopping_, true)) return;
        boost::asio::post(io_, [this, deadline] { stopping_.spawn(stop_server(deadline)); });
    }

    metrics::Registry metrics;

private:
    struct Job : BlockingPool::Job {
        explicit Job(std::function<void()> function) : work(std::move(function)) {}
        void run() override { work(); }
        std::function<void()> work;
    };
    static ServerSettings on_loopback(ServerSettings settings) {
        settings.port = 0;
        settings.bind_address = "127.0.0.1";
        return settings;
    }
    Task<> stop_server(Millis deadline) { co_await server_.stop(deadline); }

    boost::asio::io_context io_{1};
    RouteTable routes_;
    TokenAuthenticator authenticator_;
    Server server_;
    TaskGroup stopping_{io_.get_executor(), "stop"};
    std::uint16_t port_ = server_.port();
    bool is_stopping_ = false;
    int exit_code_ = 0;
    BlockingPool thread_{1};
};

struct TestAnswer {
    int status = 0;
    std::string head;
    std::string body;

    /// "" when absent.
    std::string header(std::string_view name) const {
        std::string_view rest = head;
        while (!rest.empty()) {
            const auto line = rest.substr(0, rest.find("\r\n"));
            rest.remove_prefix(std::min(rest.size(), line.size() + 2));
            const auto colon = line.find(": ");
            if (colon != std::string_view::npos && equal_names(line.substr(0, colon), name)) {
                return std::string(line.substr(colon + 2));
            }
        }
        return {};
    }
    bool contains(std::string_view text) const { return body.find(text) != std::string::npos; }
};

/// One connection. Blocks, which a test may.
class TestClient {
public:
    explicit TestClient(std::uint16_t port) : socket_(io_) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    }

    void write(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

    /// The next answer; status 0 when the connection ended instead.
    TestAnswer read(bool has_body = true) {
        boost::system::error_code error;
        auto end = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(input_), "\r\n\r\n", error);
        if (error) return {};
        TestAnswer answer;
        answer.head = input_.substr(0, end);
        answer.status = std::stoi(answer.head.substr(9, 3));
        input_.erase(0, end);
        const auto length = answer.header("Content-Length");
        const auto size = length.empty() || !has_body ? 0 : std::stoul(length);
        if (input_.size() < size) {
            boost::asio::read(
                socket_,
                boost::asio::dynamic_buffer(input_),
                boost::asio::transfer_exactly(size - input_.size()),
                error);
        }
        answer.body = input_.substr(0, size);
        input_.erase(0, size);
        return answer;
    }
    bool is_closed() {
        boost::system::error_code error;
        char byte = 0;
        return input_.empty() && socket_.read_some(boost::asio::buffer(&byte, 1), error) == 0;
    }
    void close() { socket_.close(); }

    /// A whole request with the test's token.
    TestAnswer send(
        std::string_view method,
        std::string_view path,
        std::string_view body = {},
        std::string_view fields = {}) {
        std::string text = std::string(method) + ' ' + std::string(path) +
                           " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ";
        text.append(token).append("\r\n").append(fields);
        if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        text.append("\r\n").append(body);
        write(text);
        return read(method != "HEAD");
    }

private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::string input_;
};

}  // namespace fc::http::testing
