#pragma once

#include "runtime/task.h"
#include "runtime/task_group.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fc::http {

/// One thing that a scripted connection does.
struct Step {
    enum class Kind { read_request, read_some, write, wait, end, reset };
    Kind kind;
    std::string text;
    Millis delay{};
};

inline Step read_request() {
    return {Step::Kind::read_request, {}, {}};
}
inline Step read_some() {
    return {Step::Kind::read_some, {}, {}};
}
inline Step write(std::string text) {
    return {Step::Kind::write, std::move(text), {}};
}
inline Step wait(Millis delay) {
    return {Step::Kind::wait, {}, delay};
}
inline Step end() {
    return {Step::Kind::end, {}, {}};
}
inline Step reset() {
    return {Step::Kind::reset, {}, {}};
}

/// A 200 with a length.
inline Step answer(const std::string& body, const std::string& more_headers = "") {
    return write(
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" +
        body);
}

/// A server for tests of the client: each connection it accepts plays a script, the last script again and
/// again. A connection whose script is over stays open. Lives on the io_context of the test.
class ScriptedServer {
public:
    using Tcp = boost::asio::ip::tcp;
    using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;
    using TlsStream = boost::asio::ssl::stream<Socket>;
    using Script = std::vector<Step>;

    explicit ScriptedServer(
        boost::asio::io_context& io, std::vector<Script> scripts, boost::asio::ssl::context* tls = nullptr)
        : scripts_(std::move(scripts)),
          tls_(tls),
          acceptor_(io, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          tasks_(io.get_executor(), "scripted server") {
        tasks_.spawn(accept());
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::string url(const std::string& path = "/hook") const {
        return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port()) + path;
    }
    /// No new connections; those there are stay.
    void stop_listening() { acceptor_.close(); }

    std::size_t connections = 0;
    std::size_t resumed = 0;            ///< TLS handshakes that resumed a session
    std::vector<std::string> requests;  ///< head and body of each, in order

private:
    static constexpr boost::asio::use_awaitable_t<Executor> use_task{};
    using ErrorCode = boost::system::error_code;

    struct Connection {
        explicit Connection(Socket accepted) : socket(std::move(accepted)) {}
        Socket socket;
        std::unique_ptr<TlsStream> tls;
        std::string input;

        Task<ErrorCode> read() {
            std::string bytes(256 * 1024, '\0');
            ErrorCode error;
            std::size_t got = 0;
            const auto room = boost::asio::buffer(bytes);
            if (tls) {
                got = co_await tls->async_read_some(room, boost::asio::redirect_error(use_task, error));
            } else {
                got = co_await socket.async_read_some(room, boost::asio::redirect_error(use_task, error));
            }
            input.append(bytes, 0, got);
            co_return error;
        }
        Task<ErrorCode> write(std::string text) {
            ErrorCode error;
            const auto bytes = boost::asio::buffer(text);
            if (tls) {
                co_await boost::asio::async_write(*tls, bytes, boost::asio::redirect_error(use_task, error));
            } else {
                co_await boost::asio::async_write(
                    socket, bytes, boost::asio::redirect_error(use_task, error));
            }
            co_return error;
        }
        Socket& lowest() { return tls ? tls->next_layer() : socket; }
    };

    Task<> accept() {
        for (;;) {
            ErrorCode error;
            auto socket = co_await acceptor_.async_accept(boost::asio::redirect_error(use_task, error));
            if (error) co_return;
            const auto script = scripts_.at(std::min(connections, scripts_.size() - 1));
            ++connections;
            tasks_.spawn(play(std::make_shared<Connection>(std::move(socket)), script));
        }
    }

    Task<> play(std::shared_ptr<Connection> connection, Script script) {
        ErrorCode error;
        if (tls_) {
            connection->tls = std::make_unique<TlsStream>(std::move(connection->socket), *tls_);
            const auto side = boost::asio::ssl::stream_base::server;
            co_await connection->tls->async_handshake(side, boost::asio::redirect_error(use_task, error));
            if (error) co_return;
            resumed += SSL_session_reused(connection->tls->native_handle()) ? 1 : 0;
        }
        for (const auto& step : script) {
            switch (step.kind) {
                case Step::Kind::read_request: error = co_await take_request(connection); break;
                case Step::Kind::read_some: error = co_await connection->read(); break;
                case Step::Kind::write: error = co_await connection->write(step.text); break;
                case Step::Kind::wait: error = co_await pause(step.delay); break;
                case Step::Kind::reset:
                    connection->lowest().set_option(boost::asio::socket_base::linger(true, 0));
                    [[fallthrough]];
                case Step::Kind::end: connection->lowest().close(); co_return;
            }
            if (error) co_return;
        }
        while (!error) error = co_await connection->read();
    }

    Task<ErrorCode> pause(Millis delay) {
        Timer timer(acceptor_.get_executor());
        timer.expires_after(delay);
        ErrorCode error;
        co_await timer.async_wait(boost::asio::redirect_error(use_task, error));
        co_return error;
    }

    Task<ErrorCode> take_request(std::shared_ptr<Connection> connection) {
        auto& input = connection->input;
        for (;;) {
            const auto head = input.find("\r\n\r\n");
            if (head != std::string::npos) {
                const auto length = input.find("Content-Length: ");
                const auto body = length < head ? std::stoul(input.substr(length + 16)) : 0;
                if (input.size() >= head + 4 + body) {
                    requests.push_back(input.substr(0, head + 4 + body));
                    input.erase(0, head + 4 + body);
                    co_return ErrorCode{};
                }
            }
            const auto error = co_await connection->read();
            if (error) co_return error;
        }
    }

    std::vector<Script> scripts_;
    boost::asio::ssl::context* tls_;
    boost::asio::basic_socket_acceptor<Tcp, Executor> acceptor_;
    TaskGroup tasks_;
};

}  // namespace fc::http
