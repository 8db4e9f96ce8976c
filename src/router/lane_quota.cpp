#include "router/lane_quota.h"

#include "base/error.h"
#include "router/pool.h"

#include <algorithm>
#include <utility>

namespace fc::router {

void LaneQuota::take(TimePoint now) {
    const bool taken = bucket_.take(now);
    FC_ASSERT(taken && has_permit(), "only a lane that may start takes of its quota");
    ++active_;
}

void LaneQuota::set_limits(LaneLimits limits, TimePoint now) {
    if (limits.rate_per_minute != limits_.rate_per_minute) bucket_.set_rate(limits.rate_per_minute, now);
    limits_ = limits;
}

void LaneQuota::wait(Pool& pool) {
    if (std::ranges::find(waiting_, &pool) == waiting_.end()) waiting_.push_back(&pool);
}

std::vector<Pool*> LaneQuota::take_waiting() {
    return std::exchange(waiting_, {});
}

LaneQuota* LaneQuotas::find(std::uint64_t lane) const {
    const auto found = quotas_.find(lane & ~pointer_bit);
    return found == quotas_.end() ? nullptr : found->second.get();
}

void LaneQuotas::set(std::uint64_t lane, LaneLimits limits, TimePoint now) {
    const auto found = quotas_.find(lane);
    if (!limits.is_limited()) {
        if (found == quotas_.end()) return;
        const auto gone = std::move(found->second);
        quotas_.erase(found);
        return tell(lane);
    }
    if (found != quotas_.end()) {
        found->second->set_limits(limits, now);
        return tell(lane);
    }
    std::size_t active = 0;
    for (const Pool* pool : pools_)
        active += pool->lane_stats(lane).active + pool->lane_stats(lane | pointer_bit).active;
    quotas_.emplace(lane, std::make_unique<LaneQuota>(limits, active, now));
    tell(lane);
}

void LaneQuotas::tell(std::uint64_t lane) {
    // What a pool starts may be over at once, and end pools.
    const auto told = pools_;
    for (Pool* pool : told) {
        if (is_attached(*pool)) pool->quota_changed(lane);
        if (is_attached(*pool)) pool->quota_changed(lane | pointer_bit);
    }
}

bool LaneQuotas::is_attached(const Pool& pool) const {
    return std::ranges::find(pools_, &pool) != pools_.end();
}

void LaneQuotas::detach(Pool& pool) {
    std::erase(pools_, &pool);
    for (const auto& [lane, quota] : quotas_) quota->forget(pool);
}

}  // namespace fc::router
