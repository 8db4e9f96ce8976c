#include "bench/socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace fc::bench {
namespace {

constexpr std::size_t read_bytes_min = 64 * 1024;

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

void set_no_delay(const Fd& socket) {
    const int on = 1;
    setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

sockaddr_in socket_address(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        throw std::runtime_error("'" + host + "' is no IPv4 address");
    }
    return address;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Fd::~Fd() {
    if (number_ >= 0) close(number_);
}

Address parse_base_url(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    const auto refuse = [&](const char* why) {
        throw std::runtime_error("base URL '" + std::string{url} + "': " + why);
    };
    if (!url.starts_with(scheme)) refuse("must begin with http://");
    auto rest = url.substr(scheme.size());
    Address address;
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        address.base_path = rest.substr(slash);
        while (address.base_path.ends_with('/')) address.base_path.pop_back();
        rest = rest.substr(0, slash);
    }
    const auto colon = rest.find(':');
    const auto host = rest.substr(0, colon);
    address.host = host == "localhost" ? "127.0.0.1" : host;
    if (!address.host.starts_with("127.")) refuse("must be on this machine (127.0.0.1 or localhost)");
    address.port = 80;
    if (colon != std::string_view::npos) {
        const auto digits = rest.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
        if (error != std::errc{} || end != digits.data() + digits.size() || address.port == 0)
            refuse("bad port");
    }
    return address;
}

Fd connect_to(const Address& address) {
    Fd socket{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")};
    const auto peer = socket_address(address.host, address.port);
    checked(connect(socket.number(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer), "connect");
    set_no_delay(socket);
    return socket;
}

Fd listen_on_loopback(std::uint16_t port) {
    Fd socket{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")};
    const auto own = socket_address("127.0.0.1", port);
    checked(bind(socket.number(), reinterpret_cast<const sockaddr*>(&own), sizeof own), "bind");
    checked(listen(socket.number(), SOMAXCONN), "listen");
    return socket;
}

std::uint16_t port_of(const Fd& socket) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    checked(getsockname(socket.number(), reinterpret_cast<sockaddr*>(&own), &size), "getsockname");
    return ntohs(own.sin_port);
}

void set_nonblocking(const Fd& socket) {
    checked(fcntl(socket.number(), F_SETFL, O_NONBLOCK), "fcntl");
    set_no_delay(socket);
}

std::uint16_t free_port() {
    return port_of(listen_on_loopback());
}

Peer Stream::read() {
    for (;;) {
        if (begin_ == end_) begin_ = end_ = 0;
        if (in_.size() - end_ < read_bytes_min) {
            if (begin_ < end_) std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
            if (in_.size() - end_ < read_bytes_min) in_.resize(end_ + 2 * read_bytes_min);
        }
        const std::size_t room = in_.size() - end_;
        const auto got = recv(socket_.number(), in_.data() + end_, room, 0);
        if (got < 0) return errno == EAGAIN || errno == EINTR ? Peer::open : Peer::closed;
        if (got == 0) return Peer::closed;
        end_ += static_cast<std::size_t>(got);
        // A short read has emptied the socket: the edge-triggered wait reports what comes later.
        if (static_cast<std::size_t>(got) < room) return Peer::open;
    }
}

void Stream::consume(std::size_t size) {
    begin_ += size;
}

Peer Stream::write(std::string_view bytes) {
    if (out_.empty()) {
        const auto sent = send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return Peer::closed;
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        if (bytes.empty()) return Peer::open;
    }
    out_ += bytes;
    return Peer::open;
}

Peer Stream::flush() {
    if (out_.empty()) return Peer::open;
    const std::string waiting = std::exchange(out_, {});
    return write(waiting);
}

}  // namespace fc::bench
