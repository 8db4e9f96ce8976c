#include "messaging/delivery/delivery_log.h"

#include "runtime/log.h"

namespace fc::messaging {

void DeliveryLog::target_changed(
    std::string_view target, http::BreakerState before, http::BreakerState after) const {
    using http::BreakerState;
    if (before == after) return;
    if (after == BreakerState::open && before == BreakerState::closed)
        log::warn("target fails, its deliveries rest", {{"target", target}});
    if (after == BreakerState::closed) log::info("target answers again", {{"target", target}});
}

void DeliveryLog::job_failed(const store::JobRecord& job, const std::string& reason, TimePoint now) {
    ++untold_;
    if (last_told_ != TimePoint{} && now - last_told_ < failures_interval) return;
    last_told_ = now;
    log::warn(
        "dispatch jobs ended in error",
        {{"count", untold_}, {"latest", job.id}, {"subscription", job.owner}, {"reason", reason}});
    untold_ = 0;
}

}  // namespace fc::messaging
