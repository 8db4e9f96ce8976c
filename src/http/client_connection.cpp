#include "http/client_connection.h"

#include "http/client_parser.h"
#include "http/client_pool.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <cstring>

namespace fc::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr asio::use_awaitable_t<Executor> use_task;

// A connection that rested for less is not asked whether it still lives: under load that would be a system
// call a request.
constexpr std::chrono::milliseconds trusted_rest{10};

std::chrono::microseconds since(SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
}

TransportFailure protocol_failure(const error_code& error) {
    namespace http = boost::beast::http;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return {TransportFailureKind::too_large, "the response header is larger than 8 KiB"};
    }
    return {TransportFailureKind::protocol, "the response is not HTTP/1.1: " + error.message()};
}

void advance(std::array<asio::const_buffer, 2>& buffers, std::size_t count) {
    for (auto& buffer : buffers) {
        const auto step = std::min(count, buffer.size());
        buffer += step;
        count -= step;
    }
}

bool is_end_of_stream(const error_code& error) {
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

}  // namespace

ClientConnection::ClientConnection(Executor executor) : socket_(executor), timer_(executor) {}

ClientConnection::~ClientConnection() {
    close();
}

void ClientConnection::close() {
    if (tls_) ClientTls::keep_session(tls_->native_handle());
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
}

void ClientConnection::set_deadline(SteadyTime deadline) {
    deadline_ = deadline;
    if (!armed_ || deadline < armed_for_) arm();
}

void ClientConnection::arm() {
    armed_ = true;
    armed_for_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = weak_from_this()](const error_code& error) {
        const auto connection = self.lock();
        if (connection && !error) connection->on_timer();
    });
}

void ClientConnection::on_timer() {
    armed_ = false;
    if (!socket_.is_open()) return;
    if (std::chrono::steady_clock::now() < deadline_) return arm();
    expired_ = true;
    error_code ignored;
    socket_.close(ignored);
    if (idle_in_ != nullptr) idle_in_->forget(this);
}

void ClientConnection::start_idle(ClientHost* host, SteadyTime now, SteadyTime until) {
    idle_in_ = host;
    idle_since_ = now;
    set_deadline(until);
}

bool ClientConnection::end_idle(SteadyTime now) {
    idle_in_ = nullptr;
    unlink();
    return socket_.is_open() && now < deadline_ && (now - idle_since_ < trusted_rest || peer_is_quiet());
}

bool ClientConnection::peer_is_quiet() {
    char byte = 0;
    error_code error;
    const auto got = socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    if (error) return error == asio::error::would_block;
    return tls_ && got > 0;  // under TLS that may be a session ticket
}

TransportFailure ClientConnection::failure(
    TransportFailureKind kind, const std::string& what, const error_code& error) {
    if (expired_) return {TransportFailureKind::timeout, what + " took too long"};
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    return {kind, what + " failed: " + error.message()};
}

Task<std::optional<TransportFailure>> ClientConnection::connect(
    asio::ip::tcp::endpoint endpoint, SteadyTime deadline) {
    error_code error;
    socket_.open(endpoint.protocol(), error);
    if (!error) {
        set_deadline(deadline);
        co_await socket_.async_connect(endpoint, asio::redirect_error(use_task, error));
    }
    if (!error && !expired_) {
        socket_.set_option(asio::ip::tcp::no_delay(true), error);
        socket_.set_option(asio::socket_base::keep_alive(true), error);
        socket_.non_blocking(true, error);
    }
    if (error || expired_) {
        const auto what =
            "connecting to " + endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
        co_return failure(TransportFailureKind::connect, what, error);
    }
    co_return std::nullopt;
}

Task<std::optional<TransportFailure>> ClientConnection::handshake(
    std::shared_ptr<ClientTls> tls,
    std::shared_ptr<TlsSession> session,
    std::string host,
    SteadyTime deadline) {
    tls_context_ = std::move(tls);
    tls_session_ = std::move(session);
    tls_ = std::make_unique<TlsStream>(socket_, tls_context_->context());
    tls_context_->prepare(tls_->native_handle(), host, *tls_session_);
    set_deadline(deadline);
    error_code error;
    co_await tls_->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(use_task, error));
    if (!error && !expired_) co_return std::nullopt;
    // A session that could not be resumed must not be tried again.
    tls_session_->session.reset();
    auto failed = failure(TransportFailureKind::tls, "the TLS handshake", error);
    if (!expired_) failed.detail = ClientTls::failure_detail(tls_->native_handle(), error);
    co_return failed;
}

Task<error_code> ClientConnection::write(std::array<asio::const_buffer, 2> buffers) {
    error_code error;
    if (tls_) {
        co_await asio::async_write(*tls_, buffers, asio::redirect_error(use_task, error));
    } else {
        co_await asio::async_write(socket_, buffers, asio::redirect_error(use_task, error));
    }
    co_return error;
}

Task<Exchange> ClientConnection::exchange(Job job) {
    set_deadline(job.started + job.request->total_timeout);
    Exchange exchange;
    if (auto wrong = write_head(head_, *job.request, *job.target)) {
        exchange.reusable = true;
        exchange.response.failure =
            TransportFailure{TransportFailureKind::invalid_request, std::move(*wrong)};
        co_return exchange;
    }
    std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), asio::buffer(job.request->body)};
    error_code write_error;
    if (!tls_) {
        // Nearly always the kernel takes all of it at once, and no operation needs to be queued.
        const auto sent = socket_.write_some(buffers, write_error);
        if (write_error == asio::error::would_block) write_error.clear();
        advance(buffers, sent);
    }
    if (!write_error && asio::buffer_size(buffers) > 0) write_error = co_await write(buffers);
    // A server may have answered before it read all (413, 401) and closed: look for that answer after a
    // failed write.
    co_await read_response(job, &exchange);
    if (write_error) {
        exchange.reusable = false;
        if (exchange.response.failure) {
            exchange.may_be_repeated = exchange.response.timings.first_byte.count() == 0 && !expired_;
            if (!expired_) {
                exchange.response.failure->detail = "writing the request failed: " + write_error.message();
            }
        }
    }
    co_return exchange;
}

Task<void> ClientConnection::read_response(Job job, Exchange* exchange) {
    auto& response = exchange->response;
    ClientResponseReader reader(&response, job.settings->body_kept_max, job.request->method == "HEAD");
    const auto fail = [&](TransportFailure failure) {
        const auto first_byte = response.timings.first_byte;
        response = {};
        response.timings.first_byte = first_byte;
        response.failure = std::move(failure);
    };
    std::size_t unparsed = 0;
    bool is_first_read = true;
    while (!reader.is_done()) {
        const auto room = asio::buffer(buffer_) + unparsed;
        error_code error;
        std::size_t got = 0;
        if (tls_) {
            got = co_await tls_->async_read_some(room, asio::redirect_error(use_task, error));
        } else {
            got = co_await socket_.async_read_some(room, asio::redirect_error(use_task, error));
        }
        if (is_end_of_stream(error) && !expired_ && !is_first_read) {
            reader.put_end(error);
            if (!error) co_return;
            error = asio::error::eof;
        }
        if (error) {
            exchange->may_be_repeated = is_end_of_stream(error) && !expired_ && is_first_read;
            co_return fail(failure(TransportFailureKind::reset, "reading the response", error));
        }
        if (is_first_read) response.timings.first_byte = since(job.started);
        is_first_read = false;
        unparsed += got;
        const auto used = reader.put(asio::buffer(buffer_.data(), unparsed), error);
        unparsed -= used;
        std::memmove(buffer_.data(), buffer_.data() + used, unparsed);
        if (!error && unparsed == buffer_.size()) error = boost::beast::http::error::header_limit;
        if (error) co_return fail(protocol_failure(error));
        if (reader.body_bytes() > job.settings->body_read_max) co_return;
    }
    exchange->reusable = reader.keep_alive() && unparsed == 0 && !expired_;
}

}  // namespace fc::http
