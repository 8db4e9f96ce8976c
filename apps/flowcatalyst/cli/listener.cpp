#include "flowcatalyst/cli/listener.h"

#include "base/random.h"
#include "codec/json_document.h"
#include "flowcatalyst/cli/delivery_book.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>

namespace fc::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Parser = beast::http::request_parser<beast::http::string_body>;
using Message = Parser::value_type;

constexpr asio::use_awaitable_t<Executor> use_task{};
constexpr std::uint64_t body_bytes_max = 16U << 20U;
constexpr std::size_t connections_max = 1024;
constexpr Millis accept_pause{100};
constexpr std::string_view group_header = "X-FlowCatalyst-Message-Group";

Acceptor open(asio::io_context& io, const ListenerOptions& options) {
    ErrorCode error;
    const auto address = asio::ip::make_address(options.host, error);
    if (error) throw std::runtime_error("'" + options.host + "' is no IP address (--host)");
    Acceptor acceptor(io.get_executor());
    const tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        throw std::runtime_error(
            "cannot listen on " + options.host + " port " + std::to_string(options.port) +
            " (--port): " + error.message());
    }
    return acceptor;
}

std::string_view header(const Message& message, std::string_view name) {
    const auto value = message[beast::string_view(name.data(), name.size())];
    return {value.data(), value.size()};
}

/// What senders wrote goes to a terminal: no escape sequences.
std::string printable(std::string_view text) {
    constexpr std::size_t length_max = 120;
    std::string safe(text.substr(0, length_max));
    for (auto& c : safe) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    return safe.empty() ? "-" : safe;
}

/// The message group, said by a header, or by the body where that is the envelope of the same event.
std::optional<std::string> message_group(const Message& message) {
    if (const auto named = header(message, group_header); !named.empty()) return std::string(named);
    const auto document = codec::JsonDocument::parse(message.body());
    if (!document || !document->root().is_object()) return std::nullopt;
    const auto root = document->root();
    const auto id = root.find("id");
    const auto group = root.find("messageGroup");
    std::string scratch;
    const auto event = header(message, "X-FlowCatalyst-Causation-ID");
    if (!id.is_string() || event.empty() || id.text(scratch) != event || !group.is_string()) {
        return std::nullopt;
    }
    std::string text(group.text(scratch));
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

SignedDelivery signed_parts(const Message& message) {
    return {
        .webhook_id = header(message, "webhook-id"),
        .webhook_timestamp = header(message, "webhook-timestamp"),
        .webhook_signature = header(message, "webhook-signature"),
        .plain_timestamp = header(message, "X-FlowCatalyst-Timestamp"),
        .plain_signature = header(message, "X-FlowCatalyst-Signature"),
        .body = message.body()};
}

std::string describe(const Conduct& conduct) {
    switch (conduct.kind) {
        case Conduct::Kind::timeout: return "no answer";
        case Conduct::Kind::reset: return "reset";
        case Conduct::Kind::answer: break;
    }
    return std::to_string(conduct.status);
}

/// A connection and what it has read.
struct Peer {
    explicit Peer(Socket accepted) : socket(std::move(accepted)) {}
    Socket socket;
    beast::flat_buffer input;
};

}  // namespace

struct Listener::State {
    State(asio::io_context& io, ListenerOptions given, Print given_print)
        : options(std::move(given)),
          print(std::move(given_print)),
          acceptor(open(io, options)),
          connections(io.get_executor(), "deliveries") {}

    Task<> accept_all() {
        while (acceptor.is_open()) {
            ErrorCode error;
            auto socket = co_await acceptor.async_accept(asio::redirect_error(use_task, error));
            if (!error && connections.size() < connections_max) {
                connections.spawn(serve(std::make_shared<Peer>(std::move(socket))));
            } else if (error && acceptor.is_open()) {
                co_await wait(accept_pause);  // out of file descriptors: some will be closed
            }
        }
    }

    Task<> serve(std::shared_ptr<Peer> peer) {
        bool keep_alive = true;
        while (keep_alive) {
            Parser parser;
            parser.body_limit(body_bytes_max);
            ErrorCode error;
            co_await beast::http::async_read(
                peer->socket, peer->input, parser, asio::redirect_error(use_task, error));
            if (error == beast::http::error::body_limit) {
                print("a request of more than 16 MiB was refused");
                co_await answer(peer, 413, false);
            }
            if (error) co_return;
            keep_alive = parser.get().keep_alive();
            const auto conduct = judge(parser.get());
            const bool is_slow = options.delay.count() > 0;
            if (is_slow) co_await wait(options.delay);
            if (conduct.kind == Conduct::Kind::answer) {
                co_await answer(peer, conduct.status, keep_alive);
            } else if (conduct.kind == Conduct::Kind::reset) {
                peer->socket.set_option(asio::socket_base::linger(true, 0));
                co_return;
            } else {
                co_await wait_for_end(peer);
                co_return;
            }
        }
    }

    /// Decides about a delivery and prints its line.
    Conduct judge(const Message& message) {
        const auto wall = clock.wall();
        const auto parts = signed_parts(message);
        auto conduct = options.misbehaviour.next(static_cast<double>(random_u64() >> 11U) * 0x1.0p-53);
        std::string signature = "signature unchecked";
        if (options.signatures) {
            const auto fault = options.signatures->fault(parts, wall);
            signature = fault ? "signature INVALID (" + *fault + ")" : "signature valid";
            counts.bad_signatures += fault ? 1 : 0;
            if (fault && conduct.accepts()) conduct.status = 401;
        }
        const auto group = message_group(message);
        const auto sighting = note(message, group, conduct);
        std::string line = to_rfc3339(wall).substr(11) + "  " + printable(parts.webhook_id) + "  attempt " +
                           printable(header(message, "X-FlowCatalyst-Attempt")) + "  " +
                           printable(header(message, "X-FlowCatalyst-Code")) + "  " +
                           std::to_string(parts.body.size()) + " bytes  " + signature;
        if (group) line += "  group " + printable(*group);
        if (sighting.order == Sighting::Order::right) line += "  order ok";
        if (sighting.order == Sighting::Order::wrong) line += "  OUT OF ORDER";
        if (sighting.is_again) line += "  again";
        print(line + "  -> " + describe(conduct));
        return conduct;
    }

    Sighting note(const Message& message, const std::optional<std::string>& group, const Conduct& conduct) {
        const auto job = Tsid::parse(header(message, "webhook-id")).value_or(Tsid{});
        const auto target = message.target();
        // Subscriptions keep their order each by itself, and each is expected to have its own path.
        std::optional<std::string> line;
        if (options.is_one_group || group) {
            line = std::string(target.data(), target.size());
            if (!options.is_one_group) *line += "\n" + *group;
        }
        const auto sighting = book.arrive(job, line);
        ++counts.deliveries;
        counts.again += sighting.is_again ? 1 : 0;
        counts.out_of_order += sighting.order == Sighting::Order::wrong ? 1 : 0;
        if (conduct.accepts()) {
            ++counts.accepted;
            book.accept(job);
        }
        return sighting;
    }

    Task<> answer(std::shared_ptr<Peer> peer, int status, bool keep_alive) {
        beast::http::response<beast::http::empty_body> response;
        response.version(11);
        response.result(static_cast<unsigned>(status));
        response.keep_alive(keep_alive);
        if (status != 204 && status != 304) response.content_length(0);
        ErrorCode error;
        co_await beast::http::async_write(peer->socket, response, asio::redirect_error(use_task, error));
    }

    /// Until the sender gives up.
    Task<> wait_for_end(std::shared_ptr<Peer> peer) {
        ErrorCode error;
        char more = 0;
        const auto room = asio::buffer(&more, 1);
        co_await peer->socket.async_read_some(room, asio::redirect_error(use_task, error));
    }

    Task<> wait(Millis duration) {
        Timer timer(acceptor.get_executor(), duration);
        co_await timer.async_wait(use_task);
    }

    ListenerOptions options;
    Print print;
    Acceptor acceptor;
    TaskGroup connections;
    SystemClock clock;
    DeliveryBook book;
    ListenerCounts counts;
};

Listener::Listener(asio::io_context& io, ListenerOptions options, Print print)
    : state_(std::make_unique<State>(io, std::move(options), std::move(print))) {}

Listener::~Listener() = default;

std::uint16_t Listener::port() const {
    return state_->acceptor.local_endpoint().port();
}

const ListenerCounts& Listener::counts() const {
    return state_->counts;
}

Task<> Listener::run() {
    return state_->accept_all();
}

Task<> Listener::stop(Millis deadline) {
    state_->acceptor.close();
    state_->connections.cancel();
    co_await state_->connections.drain(deadline);
}

}  // namespace fc::cli
