#include "http/server.h"

#include "http/connection.h"
#include "runtime/log.h"
#include "runtime/task_group.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <ctime>

namespace fc::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
constexpr asio::use_awaitable_t<Executor> use_task;
/// Connections beyond the limit that are told so at one time; more are just closed.
constexpr std::size_t refusals_max = 64;
constexpr unsigned accepts_max = 256;  ///< in one turn of the io_context

/// Says that requests are refused, and that it is over: at most one line in ten seconds.
class SheddingLog {
public:
    void look(std::uint64_t shed, SteadyTime now) {
        if (shed != seen_) {
            if (!is_shedding_)
                log::warn("requests are refused: more comes than can be stored", {{"refused", shed - told_}});
            is_shedding_ = true;
            last_ = now;
        } else if (is_shedding_ && now - last_ > quiet) {
            log::info("no more requests are refused", {{"refused", shed - told_}});
            is_shedding_ = false;
            told_ = shed;
        }
        seen_ = shed;
    }

private:
    static constexpr seconds quiet{10};
    std::uint64_t seen_ = 0;
    std::uint64_t told_ = 0;
    SteadyTime last_;
    bool is_shedding_ = false;
};

std::string date_line() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[64];
    const auto size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    return {text, size};
}

Acceptor listen(const Executor& executor, const ServerSettings& settings) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(settings.bind_address, error);
    if (error)
        throw std::runtime_error("'" + settings.bind_address + "' is no IP address (HTTP_BIND_ADDRESS)");
    const auto port = static_cast<std::uint16_t>(settings.port.value());
    Acceptor acceptor(executor);
    const tcp::endpoint endpoint(address, port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) {
        throw std::runtime_error("port " + std::to_string(port) + " is already in use (HTTP_PORT)");
    }
    if (error) {
        throw std::runtime_error(
            "cannot listen on " + settings.bind_address + " port " + std::to_string(port) + ": " +
            error.message() + " (HTTP_PORT, HTTP_BIND_ADDRESS)");
    }
    acceptor.non_blocking(true);
    // Else accept() would wait for the next one after a connection that was aborted.
    acceptor.set_option(asio::socket_base::enable_connection_aborted(true));
    return acceptor;
}

Cors parse_cors(const ServerSettings& settings) {
    auto cors = Cors::parse(settings.cors_origins);
    if (!cors) throw std::runtime_error(cors.error().detail + " (CORS_ORIGINS)");
    return std::move(*cors);
}

Millis tick_of(const ServerSettings& settings) {
    const auto shortest = std::min(
        {settings.head_timeout, settings.body_timeout, settings.idle_timeout, settings.write_timeout});
    return std::clamp<Millis>(shortest / 4, Millis{5}, seconds{1});
}

}  // namespace

struct Server::State {
    State(asio::io_context& io, const ServerSettings& settings)
        : acceptor(listen(io.get_executor(), settings)),
          tick(io.get_executor()),
          stopped(io.get_executor(), Timer::time_point::max()),
          connections(io.get_executor(), "http connections"),
          housekeeping(io.get_executor(), "http timeouts") {}

    Task<> keep_time() {
        const auto interval = tick_of(shared->settings);
        while (true) {
            shared->now = std::chrono::steady_clock::now();
            shared->date = date_line();
            for (auto* connection : shared->connections) connection->check_deadline(shared->now);
            shedding.look(shared->shed, shared->now);
            tick.expires_after(interval);
            co_await tick.async_wait(use_task);
        }
    }

    // One accept in a turn of the io_context would let each new connection wait for all the work that those
    // before it queued. Where there is no more room it is one: a connection that gives way ends in its own
    // turn.
    Task<> accept_all() {
        unsigned taken = 0;
        while (acceptor.is_open()) {
            boost::system::error_code error;
            auto socket = acceptor.accept(error);
            if (!error) {
                take(std::move(socket));
                ++taken;
            }
            const bool is_turn_over = taken == accepts_max || (taken > 0 && is_full());
            if (error == asio::error::would_block || is_turn_over) {
                taken = 0;
                co_await acceptor.async_wait(Acceptor::wait_read, asio::redirect_error(use_task, error));
            } else if (error && error != asio::error::connection_aborted) {
                co_await survive(error);
            }
        }
    }

    std::size_t connections_max() const {
        return static_cast<std::size_t>(shared->settings.connections_max.value());
    }
    bool is_full() const { return shared->connections.size() >= connections_max(); }

    // Out of file descriptors, mostly: some connections end, and those that wait in the kernel are taken
    // then.
    Task<> survive(boost::system::error_code error) {
        const auto wait = shared->make_room() ? Millis{1} : Millis{100};
        const auto now = std::chrono::steady_clock::now();
        if (now - complained > seconds{10}) {
            log::warn("cannot accept a connection", {{"error", error.message()}});
            complained = now;
        }
        Timer pause(acceptor.get_executor(), wait);
        co_await pause.async_wait(use_task);
    }

    void take(Socket socket) {
        if (shared->connections.size() >= connections_max() + refusals_max) return;
        const bool is_refused = is_full() && !shared->make_room();
        connections.spawn(Connection::serve(shared, std::move(socket), is_refused));
    }

    Acceptor acceptor;
    Timer tick;
    Timer stopped;  ///< cancelled when stop() is done
    TaskGroup connections;
    TaskGroup housekeeping;
    SheddingLog shedding;
    SteadyTime complained;
    std::shared_ptr<ServerShared> shared = std::make_shared<ServerShared>();
    bool is_stopped = false;
};

Server::Server(
    asio::io_context& io,
    const ServerSettings& settings,
    const RouteTable& routes,
    const Authenticator& authenticator,
    metrics::Registry* registry)
    : state_(std::make_unique<State>(io, settings)) {
    auto& shared = *state_->shared;
    shared.settings = settings;
    shared.routes = &routes;
    shared.authenticator = &authenticator;
    shared.cors = parse_cors(settings);
    shared.counters.resize(routes.routes().size() + 1);
    shared.durations.resize(shared.counters.size());
    shared.now = std::chrono::steady_clock::now();
    shared.date = date_line();
    if (!registry) return;
    registry->add("http", shared.metrics);
    shared.shed_for_store = shared.metrics.requests_shed_total.with({{"cause", "store"}});
    shared.shed_for_memory = shared.metrics.requests_shed_total.with({{"cause", "memory"}});
}

Server::~Server() = default;

void Server::shed_while(std::function<bool()> is_behind) {
    state_->shared->is_behind = std::move(is_behind);
}

std::uint16_t Server::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::size_t Server::connections() const {
    return state_->shared->connections.size();
}

Task<> Server::run() {
    state_->housekeeping.spawn(state_->keep_time());
    co_await state_->accept_all();
    if (!state_->is_stopped) {
        boost::system::error_code cancelled;
        co_await state_->stopped.async_wait(asio::redirect_error(use_task, cancelled));
    }
}

Task<> Server::stop(Millis deadline) {
    boost::system::error_code ignored;
    state_->shared->draining = true;
    state_->acceptor.close(ignored);
    for (auto* connection : state_->shared->connections) connection->close_if_idle();
    co_await state_->connections.drain(deadline);
    state_->housekeeping.cancel();
    co_await state_->housekeeping.drain(deadline);
    state_->is_stopped = true;
    state_->stopped.cancel();
}

}  // namespace fc::http
