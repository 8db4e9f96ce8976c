#pragma once

#include "http/client.h"
#include "runtime/metrics.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>

namespace fc::messaging {

/// Requests to targets. No target label: it would grow without a bound.
struct DeliveryMetrics {
    metrics::Counter http_requests_total;  ///< by `status_code` (a number or `error`) and `method`
    metrics::Histogram http_duration_seconds;
};
BOOST_DESCRIBE_STRUCT(DeliveryMetrics, (), (http_requests_total, http_duration_seconds))

/// Counts requests with plain additions; the registry takes them over when it is read. io thread only.
class DeliveryMeter {
public:
    void count(const http::ClientResponse& response);
    /// This outlives the registry's last exposition.
    void add_to(metrics::Registry& registry);

private:
    void show();

    static constexpr std::size_t status_end = 1'000;
    std::array<std::uint32_t, status_end> requests_{};  ///< by status, 0: no answer
    metrics::LocalHistogram durations_;
    DeliveryMetrics metrics_;
};

}  // namespace fc::messaging
