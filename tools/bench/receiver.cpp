#include "bench/receiver.h"

#include "base/encoding.h"
#include "base/random.h"
#include "bench/frame.h"

#include <limits>
#include <stdexcept>
#include <sys/socket.h>

namespace fc::bench {
namespace {

constexpr std::string_view success_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view failure_answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

}  // namespace

bool is_signed(std::string_view key, const SignedParts& parts, std::string_view signatures) {
    std::string message{parts.id};
    message.append(".").append(parts.timestamp).append(".").append(parts.body);
    const std::string expected = "v1," + to_base64(hmac_sha256(key, message));
    while (!signatures.empty()) {
        const auto blank = signatures.find(' ');
        if (signatures.substr(0, blank) == expected) return true;
        if (blank == std::string_view::npos) break;
        signatures.remove_prefix(blank + 1);
    }
    return false;
}

Receiver::Receiver(
    EventLoop& loop, Checker& checker, const ReceiverOptions& options, std::string_view run_tag)
    : loop_(loop),
      checker_(checker),
      options_(options),
      marks_(run_tag),
      payload_(options.takes_pointers ? Payload::of_pointer(run_tag) : Payload{run_tag, options.load.bytes}) {
    for (unsigned target = 0; target < options.load.targets(); ++target) {
        listeners_.push_back({.socket = listen_on_loopback(), .key = {}});
        loop_.watch(listeners_.back().socket.number(), [this, target] { accept_all(target); });
    }
}

Receiver::~Receiver() {
    for (const auto& [socket, session] : sessions_) loop_.forget(socket);
    for (const auto& listener : listeners_) loop_.forget(listener.socket.number());
}

void Receiver::use_secret(std::string_view signing_secret, unsigned target) {
    constexpr std::string_view prefix = "whsec_";
    const auto key = signing_secret.starts_with(prefix) ? from_base64(signing_secret.substr(prefix.size()))
                                                        : std::optional<std::string>{};
    if (!key) throw std::runtime_error("the API's signingSecret is not whsec_ and base64");
    listeners_[target].key = *key;
}

void Receiver::accept_all(unsigned target) {
    for (;;) {
        Fd socket{
            accept4(listeners_[target].socket.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (!socket.is_open()) return;
        set_nonblocking(socket);
        const int number = socket.number();
        sessions_[number] = Session{std::make_unique<Stream>(std::move(socket)), ++connections_, target};
        loop_.watch(number, [this, number] { on_ready(number); });
    }
}

void Receiver::close(int socket) {
    loop_.forget(socket);
    sessions_.erase(socket);
}

void Receiver::on_ready(int socket) {
    const auto found = sessions_.find(socket);
    if (found == sessions_.end()) return;
    auto& stream = *found->second.stream;
    Peer peer = stream.flush();
    if (stream.read() == Peer::closed) peer = Peer::closed;
    while (const auto frame = first_frame(stream.unread())) {
        on_request(found->second, frame->head, frame->body);
        stream.consume(frame->size);
    }
    if (peer == Peer::closed) close(socket);
}

bool Receiver::should_fail() {
    constexpr double range = static_cast<double>(std::numeric_limits<std::uint64_t>::max());
    return options_.fail_share > 0 && static_cast<double>(random_u64()) < options_.fail_share * range;
}

void Receiver::on_request(Session& session, std::string_view head, std::string_view body) {
    ++deliveries_;
    const bool success = !should_fail();
    if (success) {
        note_arrivals(session, body);
        if (options_.verify_every > 0 && deliveries_ % options_.verify_every == 0)
            check_signature(session, head, body);
    }
    const bool is_delayed =
        options_.delay.count() > 0 && (session.target == 0 || !options_.delays_first_target_only);
    if (!is_delayed) {
        answer(session, success);
    } else {
        const Nanos due = steady_now() + options_.delay;
        delayed_.push_back({due, session.stream->number(), session.connection, success});
    }
}

void Receiver::note_arrivals(const Session& session, std::string_view body) {
    const Nanos now = steady_now();
    const auto& load = options_.load;
    const bool is_untimed = options_.delays_first_target_only && session.target == 0;
    std::size_t from = 0;
    unsigned found = 0;
    while (auto mark = marks_.next(body, from)) {
        if (type_of_group(load, mark->group) != session.target / load.copies) ++damaged_;
        if (is_untimed) mark->intended = Nanos{0};
        checker_.arrive(*mark, now, session.target % load.copies);
        ++found;
    }
    if (!options_.calibrates && (found != 1 || !payload_.matches(body))) ++damaged_;
}

void Receiver::check_signature(const Session& session, std::string_view head, std::string_view body) {
    ++signatures_checked_;
    const SignedParts parts{header(head, "webhook-id"), header(head, "webhook-timestamp"), body};
    if (!is_signed(listeners_[session.target].key, parts, header(head, "webhook-signature")))
        ++signatures_wrong_;
}

void Receiver::answer(Session& session, bool success) {
    // A peer that has gone is noticed, and its session closed, when its socket becomes readable.
    session.stream->write(success ? success_answer : failure_answer);
}

Nanos Receiver::pump(Nanos now) {
    while (!delayed_.empty() && delayed_.front().due <= now) {
        const auto delayed = delayed_.front();
        delayed_.pop_front();
        const auto found = sessions_.find(delayed.socket);
        const bool is_same = found != sessions_.end() && found->second.connection == delayed.connection;
        if (is_same) answer(found->second, delayed.success);
    }
    return delayed_.empty() ? Nanos::max() : delayed_.front().due;
}

}  // namespace fc::bench
