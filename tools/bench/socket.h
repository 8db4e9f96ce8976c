#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::bench {

/// Owns a file descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd();
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// Where a server listens: what follows from an http base URL on this machine.
struct Address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string base_path{};  ///< "" or "/prefix"
    std::string authority() const { return host + ":" + std::to_string(port); }
};
/// Throws std::runtime_error on anything but http on a loopback address: load is not sent elsewhere by
/// mistake.
Address parse_base_url(std::string_view url);

/// The four below throw std::system_error.
Fd connect_to(const Address& address);
/// On 127.0.0.1, a free port when `port` is 0.
Fd listen_on_loopback(std::uint16_t port = 0);
std::uint16_t port_of(const Fd& socket);
void set_nonblocking(const Fd& socket);
/// A port that was free a moment ago, for a server that cannot be asked to choose.
std::uint16_t free_port();

/// What happened to a Stream's peer.
enum class Peer { open, closed };

/// A non-blocking connection with what was read and not yet used, and what is still to be written.
class Stream {
public:
    explicit Stream(Fd socket) : socket_(std::move(socket)) {}
    int number() const { return socket_.number(); }
    /// Reads what is there. Bytes that arrived before the end of the stream stay readable.
    Peer read();
    std::string_view unread() const { return {in_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t size);
    /// Writes as much as the socket takes and keeps the rest for `flush`.
    Peer write(std::string_view bytes);
    Peer flush();

private:
    Fd socket_;
    std::vector<char> in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string out_;
};

}  // namespace fc::bench
