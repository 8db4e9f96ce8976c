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
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fc::http {

struct ServerSettings {
    Bounded<0, 65535> port = 8080;  ///< 0: any free one
    std::string bind_address = "0.0.0.0";
    std::vector<std::string> cors_origins = {"http://localhost:4200"};
    Bounded<1, 1'000'000> connections_max = 16'384;  ///< then the longest idle gives way, else 503
    Millis head_timeout{10'000};                ///< from the first byte of a request to the end of its header
    Millis body_timeout{60'000};                ///< for the whole body
    Millis idle_timeout{60'000};                ///< between requests
    Millis write_timeout{60'000};               ///< for the client to take an answer
    Bounded<2, 1'000'000> bodies_mib_max = 64;  ///< of all requests together; half of it for routes that shed
    Bounded<1, 1'000'000> answers_mib_max = 64;  ///< that clients have not taken yet
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
     write_timeout,
     bodies_mib_max,
     answers_mib_max))

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
    metrics::Counter connections_evicted_total;  ///< gave way to others
    metrics::Counter timeouts_total;
    metrics::Counter requests_shed_total;  ///< by `cause`: store, memory
};
BOOST_DESCRIBE_STRUCT(
    ServerMetrics,
    (),
    (requests_total,
     request_duration_seconds,
     active_connections,
     connections_refused_total,
     connections_evicted_total,
     timeouts_total,
     requests_shed_total))

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

    /// Requests on routes that shed are answered 503 while `is_behind`, which is asked for each of them.
    void shed_while(std::function<bool()> is_behind);

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
