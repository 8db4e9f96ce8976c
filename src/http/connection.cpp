#include "http/connection.h"

#include "base/encoding.h"
#include "base/outage.h"
#include "base/random.h"
#include "http/problem.h"
#include "runtime/log.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace fc::http {

namespace asio = boost::asio;

namespace {

constexpr asio::use_awaitable_t<Executor> use_task;
constexpr std::size_t linger_bytes_max = 32 * 1024 * 1024;
/// A connection that is idle for so long holds no buffers.
constexpr seconds rest_after{1};

void assign_hex(std::string& out, std::uint64_t number) {
    constexpr char digits[] = "0123456789abcdef";
    out.resize(16);
    for (int i = 15; i >= 0; --i, number >>= 4) out[static_cast<std::size_t>(i)] = digits[number & 15];
}

std::string failure_text(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace

void ServerShared::count(const Route* route, std::size_t index, int status) {
    const auto status_class = static_cast<std::size_t>(status / 100 % 6);
    auto& counter = counters[route ? index : counters.size() - 1][status_class];
    if (!counter) {
        counter = metrics.requests_total.with(
            {{"path", route ? route->path : "none"},
             {"method", route ? std::string(to_string(route->method)) : "none"},
             {"status", std::to_string(status_class) + "xx"}});
    }
    counter->increment();
}

void ServerShared::time(const Route* route, std::size_t index, double seconds) {
    auto& duration = durations[route ? index : durations.size() - 1];
    if (!duration) {
        duration = metrics.request_duration_seconds.with(
            {{"path", route ? route->path : "none"},
             {"method", route ? std::string(to_string(route->method)) : "none"}});
    }
    duration->observe(seconds);
}

bool ServerShared::make_room() {
    const bool has_room = std::ranges::any_of(connections, &Connection::give_way);
    if (has_room) metrics.connections_evicted_total.increment();
    return has_room;
}

Connection* ServerShared::slower_than(const Connection& reader) const {
    Connection* slowest = nullptr;
    auto until = SteadyTime::max();
    for (auto* connection : connections) {
        if (connection == &reader || connection->writes_until() >= until) continue;
        slowest = connection;
        until = connection->writes_until();
    }
    return slowest;
}

Connection::Connection(std::shared_ptr<ServerShared> shared, Socket socket)
    : shared_(std::move(shared)),
      socket_(std::move(socket)) {
    entry_ = shared_->connections.insert(shared_->connections.end(), this);
    shared_->metrics.active_connections.add(1);
}

Connection::~Connection() {
    shared_->connections.erase(entry_);
    shared_->metrics.active_connections.add(-1);
}

void Connection::check_deadline(SteadyTime now) {
    if (deadline_ <= now) {
        if (phase_ != Phase::idle && phase_ != Phase::linger) shared_->metrics.timeouts_total.increment();
        cut_off();
        return;
    }
    const auto idle_since = deadline_ - shared_->settings.idle_timeout;
    if (phase_ != Phase::idle || is_resting_ || now - idle_since < rest_after) return;
    is_resting_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::cut_off() {
    deadline_ = SteadyTime::max();
    timed_out_ = true;
    is_resting_ = false;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::close_if_idle() {
    if (phase_ == Phase::idle) give_way();
}

bool Connection::give_way() {
    if (phase_ != Phase::idle && phase_ != Phase::head) return false;
    enter(Phase::linger, seconds{2});
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    return true;
}

void Connection::enter(Phase phase, Millis timeout) {
    phase_ = phase;
    deadline_ = timeout == Millis::max() ? SteadyTime::max() : shared_->now + timeout;
    timed_out_ = false;
    is_resting_ = false;
}

Task<> Connection::serve(std::shared_ptr<ServerShared> shared, Socket socket, bool is_refused) {
    Connection connection(std::move(shared), std::move(socket));
    boost::system::error_code error;
    connection.socket_.non_blocking(true, error);
    connection.socket_.set_option(asio::ip::tcp::no_delay(true), error);
    if (is_refused) {
        co_await connection.refuse();
    } else {
        co_await connection.run();
    }
}

Task<> Connection::run() {
    while (co_await read_head()) {
        co_await handle_request();
        if (!keep_alive_) break;
    }
    boost::system::error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
}

Task<> Connection::refuse() {
    shared_->metrics.connections_refused_total.increment();
    Error error =
        unavailable("TOO_MANY_CONNECTIONS", "the server has all the connections that it takes; try again");
    prepare_request();
    data_.head.path = "/";
    if (co_await write(to_response(error, "/"))) co_await linger();
}

Task<bool> Connection::read_head() {
    enter(Phase::idle, shared_->settings.idle_timeout);
    shared_->connections.splice(shared_->connections.end(), shared_->connections, entry_);
    parser_.restart();
    if (shared_->draining && input_.view().empty()) co_return false;
    while (true) {
        const auto unread = input_.view();
        if (!unread.empty() && phase_ == Phase::idle) enter(Phase::head, shared_->settings.head_timeout);
        const auto state = parser_.parse(unread, data_.head);
        if (state == HeadParser::State::complete) co_return true;
        if (state == HeadParser::State::faulty || timed_out_) {
            data_.head.clear();
            prepare_request();
            route_ = nullptr;
            auto fault = timed_out_ ? HeadFault{408, "the header did not arrive in time"} : parser_.fault();
            if (co_await write(unreadable(fault.status, fault.detail))) co_await linger();
            co_return false;
        }
        const auto room = input_.room();
        const auto count = co_await read_some(room);
        if (count == 0 && is_resting_) {
            if (!co_await rest()) co_return false;
        } else if (count == 0 && !(timed_out_ && phase_ == Phase::head)) {
            co_return false;
        }
        input_.commit(count);
    }
}

Task<bool> Connection::rest() {
    input_ = InputBuffer();
    data_ = RequestData();
    for (auto* text : {&body_, &leftover_, &out_}) *text = std::string();
    boost::system::error_code error;
    co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(use_task, error));
    is_resting_ = false;  // from here a read of 0 bytes is the end, not the cancel that began the rest
    co_return !error;
}

Task<std::size_t> Connection::read_some(asio::mutable_buffer room) {
    boost::system::error_code error;
    const auto count = co_await socket_.async_read_some(room, asio::redirect_error(use_task, error));
    co_return error ? 0 : count;
}

void Connection::prepare_request() {
    body_left_.reset();
    if (!data_.head.is_chunked) body_left_ = data_.head.content_length;
    body_in_input_ = 0;
    data_.body = {};
    data_.caller = {};
    keep_alive_ = false;
    started_ = std::chrono::steady_clock::now();
    if (data_.head.correlation_id.empty()) {
        assign_hex(data_.correlation_id, random_u64());
    } else {
        data_.correlation_id = data_.head.correlation_id;
    }
}

Task<> Connection::handle_request() {
    prepare_request();
    Response response = co_await make_response();
    // A body that nobody read would be taken for the next request.
    if (body_left_ != 0) skip_body();
    keep_alive_ = data_.head.keep_alive && may_pass_over_body() && !shared_->draining;
    const int status = response.status;
    shared_->count(route_, route_index_, status);
    const bool is_written = co_await write(std::move(response));
    if (!is_written) keep_alive_ = false;
    const auto duration = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_);
    shared_->time(route_, route_index_, duration.count());
    if (log::is_on(log::Level::debug)) {
        log::debug(
            "request",
            {{"method", data_.head.method_text},
             {"path", data_.head.path},
             {"status", status},
             {"micros", static_cast<std::int64_t>(duration.count() * 1e6)},
             {"correlation", data_.correlation_id}});
    }
    if (is_written && body_left_ != 0) {
        if (keep_alive_)
            keep_alive_ = co_await pass_over_body();
        else
            co_await linger();
    }
    finish_request();
}

void Connection::finish_request() {
    input_.consume(parser_.size() + body_in_input_);
    if (!leftover_.empty()) input_.append(leftover_);
    leftover_.clear();
    drop_body();
}

Task<Response> Connection::make_response() {
    if (auto early = answer_early()) co_return std::move(*early);
    if (data_.head.has_body()) {
        auto fault = co_await read_body();
        if (fault) co_return std::move(*fault);
        // While a body comes others are served: what was true at its head need not be now.
        if (auto refused = shed()) co_return std::move(*refused);
    }
    enter(Phase::handler, Millis::max());
    std::exception_ptr failure;
    try {
        if (route_->now) co_return route_->now(Request(data_));
        co_return co_await route_->later(Request(data_));
    } catch (...) {
        failure = std::current_exception();
    }
    // The deadline of a drain cancels handlers; nobody waits for their answer then.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(failure);
    co_return failed(failure);
}

Response Connection::failed(const std::exception_ptr& failure) const {
    try {
        std::rethrow_exception(failure);
    } catch (const Failure& expected) {
        return failure_response(expected.error(), Request(data_));
    } catch (const Outage& outage) {
        return failure_response(outage.error(), Request(data_));
    } catch (...) {
        log::error(
            "request failed",
            {{"method", data_.head.method_text},
             {"path", data_.head.path},
             {"trace", data_.correlation_id},
             {"error", failure_text(std::current_exception())}});
        return internal_error(data_.correlation_id, data_.head.path);
    }
}

std::optional<Response> Connection::answer_early() {
    const auto& head = data_.head;
    auto match = shared_->routes->find(head.method, head.path, data_.parameters);
    route_ = match.route;
    route_index_ = match.index;
    if (Cors::is_preflight(head) || (head.path == "*" && head.method == Method::options)) {
        Response response;
        response.status = 204;
        return response;
    }
    if (!route_) return no_route(match);
    if (auto refused = check_access()) return refused;
    if (auto refused = check_body_size()) return refused;
    return shed();
}

std::optional<Response> Connection::shed() {
    if (data_.head.has_body() && lacks_memory()) return overloaded(shared_->shed_for_memory);
    if (route_->sheds && shared_->is_behind && shared_->is_behind())
        return overloaded(shared_->shed_for_store);
    return std::nullopt;
}

Response Connection::overloaded(metrics::Counter& cause) const {
    ++shared_->shed;
    cause.increment();
    return to_response(
        unavailable("OVERLOADED", "more comes than can be stored; nothing was done, try again"),
        data_.head.path);
}

Response Connection::no_route(const RouteTable::Match& match) const {
    const auto& head = data_.head;
    if (match.is_malformed) {
        return problem_response(400, "INVALID_PATH", "the path has a broken percent escape", head.path);
    }
    if (match.allow.empty()) {
        return problem_response(404, "NOT_FOUND", "there is nothing at this path", head.path);
    }
    Response response;
    if (head.method == Method::options) {
        response.status = 204;
    } else {
        const auto detail = std::string(head.method_text) + " is not possible here, only " + match.allow;
        response = problem_response(405, "METHOD_NOT_ALLOWED", detail, head.path);
    }
    response.headers.emplace_back("Allow", match.allow);
    return response;
}

std::optional<Response> Connection::check_access() {
    if (route_->access.is_open()) return std::nullopt;
    auto caller = shared_->authenticator->authenticate(data_.head);
    if (!caller) return to_response(caller.error(), data_.head.path);
    data_.caller = std::move(*caller);
    const auto permission = route_->access.permission();
    if (permission.empty() || data_.caller.may(permission)) return std::nullopt;
    const Error error{
        ErrorKind::forbidden, "FORBIDDEN", "this needs the permission " + std::string(permission), {}};
    return to_response(error, data_.head.path);
}

Response Connection::unreadable(int status, std::string_view detail) const {
    std::string_view code = "MALFORMED_REQUEST";
    if (status == 408) code = "TIMEOUT";
    if (status == 413) code = "TOO_LARGE";
    if (status == 414 || status == 431) code = "HEADER_TOO_LARGE";
    return problem_response(status, std::string(code), std::string(detail), data_.head.path);
}

Task<> Connection::linger() {
    // Closing with unread bytes resets the connection, and the client may lose the answer that says why.
    enter(Phase::linger, seconds{2});
    boost::system::error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
    std::vector<char> dropped(16 * 1024);
    std::size_t total = 0;
    while (total < linger_bytes_max) {
        const auto room = asio::buffer(dropped);
        const auto count = co_await read_some(room);
        if (count == 0) break;
        total += count;
    }
}

}  // namespace fc::http
