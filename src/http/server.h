#pragma once

#include "base/time.h"
#include "base/vocabulary.h"
#include "codec/env.h"
#include "http/caller.h"
#include "http/route_table.h"
#include "runtime/metrics.h"
#include "runtime/service.h"

#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fc::http {

struct ServerSettings {
    Bounded<0, 65535> port = 8080;  ///< 0: any free one
    std::string bind_address = "0.0.0.0";
    std::vector<std::string> cors_origins = {"http://localhost:4200"};
    Bounded<1, 1'000'000> connections_max = 4096;  ///< more are answered 503
    Millis head_timeout{10'000};   ///< from the first byte of a request to the end of its header
    Millis body_timeout{60'000};   ///< for the whole body
    Millis idle_timeout{60'000};   ///< between requests
    Millis write_timeout{60'000};  ///< for the client to take an answer
};
BOOST_DESCRIBE_STRUCT(
    ServerSettings,
    (),
    (port,
     bind_address,
     cors_origins,
     connections_max,
     head_timeout,
     body_timeout,
     idle_timeout,
     write_timeout))

}  // namespace fc::http

template <>
struct fc::codec::Rules<fc::http::ServerSettings> {
    static constexpr auto variables =
        std::tuple{variable(&http::ServerSettings::cors_origins, "CORS_ORIGINS")};
};

namespace fc::http {

struct ServerMetrics {
    metrics::Counter requests_total;  ///< by path (the route's), method and status class
    /// By path: from the complete header to the written answer.
    metrics::Histogram request_duration_seconds;
    metrics::Gauge active_connections;
    metrics::Counter connections_refused_total;
    metrics::Counter timeouts_total;
};
BOOST_DESCRIBE_STRUCT(
    ServerMetrics,
    (),
    (requests_total, request_duration_seconds, active_connections, connections_refused_total, timeouts_total))

/// HTTP/1.1 on the thread that runs `io`. Listens from its construction, answers while it runs. For more
/// threads make more servers, each with its own io_context, on one RouteTable.
class Server : public Service {
public:
    /// `routes` and `authenticator` outlive the server; so does `registry` when given. Throws runtime_error
    /// naming the setting when the port is taken or the address or an origin makes no sense.
    Server(
        boost::asio::io_context& io,
        const ServerSettings& settings,
        const RouteTable& routes,
        const Authenticator& authenticator,
        metrics::Registry* registry = nullptr);
    ~Server() override;

    /// The bound one, when the setting was 0.
    std::uint16_t port() const;
    std::size_t connections() const;

    std::string_view name() const override { return "http"; }
    Task<> run() override;
    /// Stops accepting, closes idle connections, lets requests finish and be answered; cancels the rest at
    /// the deadline.
    Task<> stop(Millis deadline) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace fc::http
