#pragma once

#include "base/time.h"
#include "http/circuit_breaker.h"
#include "http/client.h"
#include "router/mediator.h"
#include "router/metrics.h"
#include "router/router_targets.h"

#include <map>

namespace fc::router {

struct HttpMediatorSettings {
    Millis connect_timeout{10'000};
    Millis delivery_timeout{900'000};  ///< for all attempts of one delivery together
    int attempts_max = 3;
    Millis backoff_step{1'000};  ///< attempt n+1 comes n steps after attempt n
    RouterTargets targets = {};
};

/// POSTs `{"messageId"}` with the pointer's bearer token to its mediation target, three times where that
/// helps. While the target's breaker is open nothing is sent: the pointer waits.
class HttpMediator : public Mediator {
public:
    /// For a target outside `ROUTER_TARGETS`: kept on the queue until an operator allows it.
    static constexpr Millis refused_target_delay{300'000};

    struct Parts {
        Executor executor;
        const Clock* clock;
        http::Client* client;
        MediatorMetrics metrics = {};
    };
    HttpMediator(HttpMediatorSettings settings, Parts parts);

    Task<Mediation> mediate(protocol::DispatchMessage pointer) override;

    http::BreakerRegistry& breakers() { return breakers_; }

private:
    http::ClientRequest request_for(const protocol::DispatchMessage& pointer, Millis time_left) const;
    void record(
        const std::string& target,
        http::CircuitBreaker::Admission admission,
        const http::ClientResponse& response);
    void count(const http::ClientResponse& response);

    HttpMediatorSettings settings_;
    Parts parts_;
    http::BreakerRegistry breakers_;
    std::map<int, metrics::Counter> requests_by_status_;
};

}  // namespace fc::router
