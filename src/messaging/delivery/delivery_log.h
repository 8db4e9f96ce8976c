#pragma once

#include "base/time.h"
#include "http/circuit_breaker.h"
#include "store/records.h"

#include <string>
#include <string_view>

namespace fc::messaging {

/// What the log says of deliveries: that a target is given a rest, and that jobs end in error, the latter at
/// most once in `failures_interval` and with how many there were: a target may refuse thousands a second.
class DeliveryLog {
public:
    static constexpr Millis failures_interval{10'000};

    void target_changed(std::string_view target, http::BreakerState before, http::BreakerState after) const;
    void job_failed(const store::JobRecord& job, const std::string& reason, TimePoint now);

private:
    TimePoint last_told_{};
    std::int64_t untold_ = 0;
};

}  // namespace fc::messaging
