#pragma once

#include "http/client_tls.h"
#include "http/client_wire.h"
#include "runtime/task.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace fc::http {

class ClientHost;
using SteadyTime = std::chrono::steady_clock::time_point;

/// How one request on one connection ended.
struct Exchange {
    ClientResponse response;
    bool may_be_repeated =
        false;              ///< failed on writing, or by an end of stream before any byte of a response
    bool reusable = false;  ///< the connection can carry another request
};

/// One TCP or TLS connection. A single timer guards it through connecting, a request and idleness: a deadline
/// is only a variable, and the timer re-arms itself for it when it fires too early, so a request does not
/// touch the timer.
class ClientConnection
    : public std::enable_shared_from_this<ClientConnection>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

    explicit ClientConnection(Executor executor);
    ~ClientConnection();

    /// nullopt: connected. The deadline covers this step only.
    Task<std::optional<TransportFailure>> connect(
        boost::asio::ip::tcp::endpoint endpoint, SteadyTime deadline);
    Task<std::optional<TransportFailure>> handshake(
        std::shared_ptr<ClientTls> tls,
        std::shared_ptr<TlsSession> session,
        std::string host,
        SteadyTime deadline);

    /// What one request needs; everything pointed at lives in the frame that awaits `exchange`.
    struct Job {
        const ClientRequest* request = nullptr;
        const ClientTarget* target = nullptr;
        const ClientSettings* settings = nullptr;
        SteadyTime started;
    };
    Task<Exchange> exchange(Job job);

    /// Hands the connection to `host` until `until`; the host is told when it expires there.
    void start_idle(ClientHost* host, SteadyTime now, SteadyTime until);
    /// False when the peer closed the connection meanwhile or sent something nobody asked for.
    bool end_idle(SteadyTime now);
    ClientHost* idle_in() const { return idle_in_; }
    void close();

private:
    using TlsStream = boost::asio::ssl::stream<Socket&>;

    void set_deadline(SteadyTime deadline);
    void arm();
    void on_timer();
    bool peer_is_quiet();
    /// A failure for `error`; throws operation_aborted when the caller was cancelled.
    TransportFailure failure(
        TransportFailureKind kind, const std::string& what, const boost::system::error_code& error);
    Task<boost::system::error_code> write(std::array<boost::asio::const_buffer, 2> buffers);
    Task<void> read_response(Job job, Exchange* exchange);

    Socket socket_;
    Timer timer_;
    SteadyTime deadline_{};
    SteadyTime armed_for_{};
    bool armed_ = false;
    bool expired_ = false;
    ClientHost* idle_in_ = nullptr;
    SteadyTime idle_since_{};
    std::shared_ptr<ClientTls> tls_context_;
    std::shared_ptr<TlsSession> tls_session_;
    std::unique_ptr<TlsStream> tls_;
    std::string head_;
    std::array<char, 8 * 1024> buffer_;
};

/// A connection leaves it by unlink() or by its end.
using RestingConnections =
    boost::intrusive::list<ClientConnection, boost::intrusive::constant_time_size<false>>;

}  // namespace fc::http
