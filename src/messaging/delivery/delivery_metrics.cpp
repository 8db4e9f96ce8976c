#include "messaging/delivery/delivery_metrics.h"

#include <chrono>
#include <string>
#include <utility>

namespace fc::messaging {

void DeliveryMeter::count(const http::ClientResponse& response) {
    ++requests_.at(static_cast<std::size_t>(response.status));
    durations_.observe(std::chrono::duration<double>(response.timings.total).count());
}

void DeliveryMeter::add_to(metrics::Registry& registry) {
    registry.add("delivery", metrics_);
    registry.before_exposition([this] { show(); });
}

void DeliveryMeter::show() {
    for (std::size_t status = 0; status < status_end; ++status) {
        const auto count = std::exchange(requests_[status], 0);
        if (count == 0) continue;
        const auto code = status == 0 ? "error" : std::to_string(status);
        metrics_.http_requests_total.with({{"status_code", code}, {"method", "POST"}}).increment(count);
    }
    durations_.move_to(metrics_.http_duration_seconds);
}

}  // namespace fc::messaging
