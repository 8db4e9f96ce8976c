#pragma once

#include "base/time.h"
#include "http/egress.h"
#include "http/header_fields.h"
#include "runtime/task.h"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request to send.
struct ClientRequest {
    std::string method = "POST";
    std::string url;
    std::string body;
    HeaderFields headers;
    Millis connect_timeout{10'000};  ///< name lookup, TCP and TLS together
    Millis total_timeout{30'000};    ///< from `send` to the last byte of the response
    /// Connect only to addresses that the egress filter lets through. False is for URLs of the operator's
    /// configuration.
    bool egress_checked = true;
};

/// Where the time of a request went. `connect` (with the name lookup) and `tls` are 0 on a reused connection.
struct Timings {
    std::chrono::microseconds connect{};
    std::chrono::microseconds tls{};
    std::chrono::microseconds first_byte{};  ///< since `send`
    std::chrono::microseconds total{};       ///< since `send`
};

enum class TransportFailureKind {
    connect,  ///< no address, refused, unreachable, or too many requests wait for the host
    timeout,
    tls,
    reset,            ///< the connection was lost before the response was complete
    refused_address,  ///< the egress filter let none of the addresses through
    too_large,        ///< the response's header is
    protocol,         ///< the response is not HTTP/1.1
    invalid_request   ///< the URL or a header cannot be sent, now or later
};

/// Why there is no complete response.
struct TransportFailure {
    TransportFailureKind kind = TransportFailureKind::connect;
    std::string detail;
};

/// What a request led to. With a failure, `status` is 0 and there is neither header nor body.
struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;             ///< decoded from chunks; at most `body_kept_max`
    bool body_truncated = false;  ///< the body was longer
    Timings timings;
    std::optional<TransportFailure> failure;

    /// The first header of that name, in any case; nullopt when absent.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// The addresses of a name, or why there are none.
struct NameAnswer {
    std::vector<IpAddress> addresses;
    std::string error;
};
/// Looks a name up; called on threads of its own, where it may block.
using NameLookup = std::function<NameAnswer(const std::string& host)>;

/// Limits of one client.
struct ClientSettings {
    std::size_t connections_per_host_max = 256;  ///< open at once to one scheme, host and port
    std::size_t waiting_per_host_max = 1024;     ///< requests that wait for one of them; more fail at once
    std::size_t idle_per_host_max = 64;
    std::size_t idle_max = 2048;
    std::chrono::seconds idle_age_max{90};
    std::chrono::seconds dns_ttl{30};
    NameLookup lookup;  ///< empty: the operating system's
    std::size_t body_kept_max = 64 * 1024;
    std::size_t body_read_max =
        1024 * 1024;  ///< read, and dropped beyond `body_kept_max`; then the connection closes
    bool verify_peer = true;
    std::string ca_file;  ///< PEM, trusted besides the system's authorities
    EgressSettings egress;
};

/// Outbound HTTP/1.1 over kept-alive connections, TLS included. One a thread that runs an io_context, used on
/// that thread only. Redirects are not followed, no proxy is used, nothing is decompressed.
///
/// A request that fails on a reused connection, on writing or by an end of stream before any byte of a
/// response, is sent once more on a new connection: the server has most likely closed the idle connection
/// just then. It may have read the request nevertheless, so delivery stays at least once. No other request is
/// ever sent twice.
class Client {
public:
    explicit Client(Executor executor, ClientSettings settings = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Sends and reads the whole response. A transport failure is a value; only cancellation (of the awaiting
    /// coroutine) throws, `operation_aborted`. The caller is held while the host has all its connections in
    /// use.
    Task<ClientResponse> send(ClientRequest request);

    const EgressFilter& egress() const;

    /// Closes idle connections and keeps none from now on, so that the io_context can run out of work.
    void stop();

    /// Idle connections, for tests and metrics.
    std::size_t idle_connections() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace fc::http
