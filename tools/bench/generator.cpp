#include "bench/generator.h"

#include "base/random.h"
#include "bench/frame.h"

#include <algorithm>
#include <stdexcept>

namespace fc::bench {
namespace {

// After a refusal a connection waits, as a client should; otherwise the refusals themselves would be the
// load.
constexpr Nanos pause_after_refusal = std::chrono::milliseconds{10};
constexpr Nanos poll_interval = std::chrono::milliseconds{100};
constexpr std::uint64_t reconnects_max = 10'000;

bool is_success(int status) {
    return status == 200 || status == 201;
}
bool is_refusal(int status) {
    return status == 429 || status == 503;
}

}  // namespace

struct Generator::Connection {
    Connection(unsigned index_in, RequestText request_in) : index(index_in), request(std::move(request_in)) {}

    unsigned index;
    RequestText request;
    std::unique_ptr<Stream> stream;
    std::uint64_t slot = 0;  // requests of this connection so far: the next one's place in the rate
    std::uint64_t first_number = 0;
    std::uint64_t random = random_u64();
    Nanos paused_until{0};
    Nanos sent_at{0};
    bool busy = false;
};

Generator::Generator(
    EventLoop& loop, Checker& checker, const Load& load, const Target& target, std::string_view run_tag)
    : loop_(loop),
      checker_(checker),
      load_(load),
      target_(target) {
    if (load_.groups > 0 && load_.groups < load_.connections) load_.connections = load_.groups;
    if (load_.rate > 0) {
        between_requests_ = Nanos{static_cast<std::int64_t>(1e9 * load_.batch / load_.rate)};
    }
    for (unsigned i = 0; i < load_.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(i, RequestText{load_, target_, run_tag}));
        connect(*connections_.back());
    }
}

Generator::~Generator() {
    for (const auto& connection : connections_) {
        if (connection->stream) loop_.forget(connection->stream->number());
    }
}

void Generator::connect(Connection& connection) {
    Fd socket = connect_to(target_.address);
    set_nonblocking(socket);
    connection.stream = std::make_unique<Stream>(std::move(socket));
    loop_.watch(connection.stream->number(), [this, &connection] { on_ready(connection); });
}

bool Generator::is_done() const {
    return stopped_ || (load_.events > 0 && checker_.totals().sent >= load_.events);
}

bool Generator::is_idle() const {
    return std::ranges::none_of(connections_, [](const auto& connection) { return connection->busy; });
}

bool Generator::has_room() const {
    return load_.rate > 0 ||
           checker_.outstanding() + std::uint64_t{load_.batch} * load_.copies <= load_.window;
}

Nanos Generator::pump(Nanos now) {
    Nanos next = now + poll_interval;
    // In turn: the groups of a connection are its own, and each time from the first one on, the window would
    // be filled with those of few connections.
    const std::size_t first = next_;
    for (std::size_t tried = 0; tried < connections_.size() && !is_done(); ++tried) {
        const std::size_t turn = (first + tried) % connections_.size();
        const auto& connection = connections_[turn];
        if (connection->busy) continue;
        Nanos due = std::max(connection->paused_until, now);
        Nanos intended = now;
        if (load_.rate > 0) {
            intended = started_ +
                       between_requests_ * static_cast<std::int64_t>(
                                               connection->slot * connections_.size() + connection->index);
            due = std::max(connection->paused_until, intended);
        }
        if (due > now) {
            next = std::min(next, due);
        } else if (has_room()) {
            send(*connection, intended);
            next_ = turn + 1;
        }
    }
    return next;
}

void Generator::send(Connection& connection, Nanos intended) {
    connection.first_number = checker_.send(load_.batch);
    for (unsigned i = 0; i < load_.batch; ++i) {
        Mark mark{.number = connection.first_number + i, .group = no_group, .intended = intended};
        if (load_.groups > 0) {
            // xorshift64: any of this connection's groups, so that some have waiters and others rest.
            connection.random ^= connection.random << 13U;
            connection.random ^= connection.random >> 7U;
            connection.random ^= connection.random << 17U;
            const auto connections = static_cast<unsigned>(connections_.size());
            const unsigned own = (load_.groups - connection.index - 1) / connections + 1;
            mark.group = 1 + connection.index + connections * static_cast<unsigned>(connection.random % own);
        }
        connection.request.set(i, mark);
    }
    ++connection.slot;
    connection.busy = true;
    connection.sent_at = steady_now();
    if (connection.stream->write(connection.request.text()) == Peer::closed) on_closed(connection);
}

void Generator::on_ready(Connection& connection) {
    auto& stream = *connection.stream;
    Peer peer = stream.flush();
    if (stream.read() == Peer::closed) peer = Peer::closed;
    if (const auto frame = first_frame(stream.unread())) {
        if (!connection.busy) throw std::runtime_error("the server sent an answer that nobody asked for");
        on_answer(connection, status_of(frame->head), frame->body);
        stream.consume(frame->size);
    }
    if (peer == Peer::closed) on_closed(connection);
}

void Generator::on_answer(Connection& connection, int status, std::string_view body) {
    ++statuses_[status];
    connection.busy = false;
    const Nanos now = steady_now();
    if (is_success(status)) {
        acceptance_times_.record(now - connection.sent_at);
        checker_.accept(connection.first_number, load_.batch);
        return;
    }
    refusal_times_.record(now - connection.sent_at);
    checker_.refuse(connection.first_number, load_.batch);
    connection.paused_until = now + pause_after_refusal;
    if (!is_refusal(status) && first_problem_.empty()) first_problem_ = body.substr(0, 500);
}

void Generator::on_closed(Connection& connection) {
    if (connection.busy) checker_.leave_unanswered(connection.first_number, load_.batch);
    connection.busy = false;
    loop_.forget(connection.stream->number());
    if (++reconnects_ > reconnects_max) throw std::runtime_error("the server keeps closing connections");
    connect(connection);
}

}  // namespace fc::bench
