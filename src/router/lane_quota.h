#pragma once

#include "base/time.h"
#include "router/token_bucket.h"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace fc::router {

class Pool;

/// What one lane may use in all pools together, besides the limits of each pool; 0: no limit.
struct LaneLimits {
    std::uint32_t concurrency = 0;
    std::int64_t rate_per_minute = 0;
    bool is_limited() const { return concurrency != 0 || rate_per_minute != 0; }
    bool operator==(const LaneLimits&) const = default;
};

/// What has started of one lane, held against its limits.
class LaneQuota {
public:
    LaneQuota(LaneLimits limits, std::size_t active, TimePoint now)
        : limits_(limits),
          bucket_(limits.rate_per_minute, now),
          active_(active) {}

    const LaneLimits& limits() const { return limits_; }
    bool has_permit() const { return limits_.concurrency == 0 || active_ < limits_.concurrency; }
    /// When there is a token; `now` when there is one already.
    TimePoint next_token_at(TimePoint now) { return bucket_.next_token_at(now); }
    /// A permit and a token; both must be there.
    void take(TimePoint now);
    void finish() { --active_; }
    void give_back_token() { bucket_.give_back(); }
    void set_limits(LaneLimits limits, TimePoint now);
    /// `pool` has work that waits for a permit.
    void wait(Pool& pool);
    void forget(const Pool& pool) { std::erase(waiting_, &pool); }
    /// The pools to wake now that a permit is back; whoever still has to wait says so again.
    std::vector<Pool*> take_waiting();

private:
    LaneLimits limits_;
    TokenBucket bucket_;
    std::size_t active_;
    std::vector<Pool*> waiting_;
};

/// The lanes with limits of their own. Outlives the pools that it was given to.
class LaneQuotas {
public:
    /// Takes effect at once in every pool; no limits forget the lane. Nothing that runs is stopped.
    void set(std::uint64_t lane, LaneLimits limits, TimePoint now);
    /// nullptr: the lane has no limits. Our own jobs count as one lane however they reach the router.
    LaneQuota* find(std::uint64_t lane) const;

    void attach(Pool& pool) { pools_.push_back(&pool); }
    void detach(Pool& pool);
    bool is_attached(const Pool& pool) const;

private:
    void tell(std::uint64_t lane);

    std::unordered_map<std::uint64_t, std::unique_ptr<LaneQuota>> quotas_;
    std::vector<Pool*> pools_;
};

}  // namespace fc::router
