#include "router/pool.h"

#include "base/error.h"

#include <algorithm>

namespace fc::router {

std::list<Work>& Pool::Lane::queue_in_turn() {
    if (first_attempts.empty()) {
        retry_was_last = true;
    } else if (retries.empty()) {
        retry_was_last = false;
    } else {
        retry_was_last = !retry_was_last;
    }
    return retry_was_last ? retries : first_attempts;
}

Pool::Pool(PoolLimits limits, TimePoint now, LaneQuotas* quotas)
    : limits_(limits),
      bucket_(limits.rate_per_minute, now),
      quotas_(quotas) {
    if (quotas_ != nullptr) quotas_->attach(*this);
}

Pool::~Pool() {
    if (quotas_ != nullptr) quotas_->detach(*this);
}

Pool::Push Pool::push(Work work, TimePoint now) {
    if (jobs_.contains(work.job)) return Push::duplicate;
    if (queued_ >= limits_.queued_max) return Push::pool_full;
    Lane& lane = lane_at(work.lane);
    if (lane.queued() >= limits_.lane_queued_max) {
        settle(lane);
        return Push::lane_full;
    }
    work.queued_at = now;
    std::list<Work>& queue = lane.queue_for(work);
    queue.push_back(std::move(work));
    const auto place = std::prev(queue.end());
    jobs_.emplace(place->job, Place{.work = place});
    ++queued_;
    settle(lane);
    return Push::queued;
}

std::optional<Work> Pool::next(TimePoint now) {
    if (suspended_ || active_.size() >= limits_.concurrency) return std::nullopt;
    unblock(now);
    Lane* lane = next_lane(now);
    if (lane == nullptr) return std::nullopt;
    if (!bucket_.take(now)) {
        if (!waits_for_token_) ++rate_waits_total_;
        waits_for_token_ = true;
        return std::nullopt;
    }
    waits_for_token_ = false;
    if (lane->quota != nullptr) lane->quota->take(now);
    std::list<Work>& queue = lane->queue_in_turn();
    active_.splice(active_.end(), queue, queue.begin());
    Work& work = active_.back();
    work.started_at = now;
    jobs_.find(work.job)->second.active = true;
    ++lane->active;
    --queued_;
    ++started_total_;
    move_to(*lane, lane->ring);
    settle(*lane);
    return work;
}

std::optional<TimePoint> Pool::next_due(TimePoint now) {
    if (suspended_ || active_.size() >= limits_.concurrency) return std::nullopt;
    unblock(now);
    if (!ready_.empty() || !over_share_.empty()) return bucket_.next_token_at(now);
    std::optional<TimePoint> due;
    for (const auto* waits : {&blocks_, &rate_waits_}) {
        if (!waits->empty() && (!due || waits->begin()->first < *due)) due = waits->begin()->first;
    }
    return due;
}

void Pool::finish(std::uint64_t job) {
    const auto work = active_at(job);
    Lane& lane = lane_at(work->lane);
    const auto id = lane.id;
    LaneQuota* quota = lane.quota;
    jobs_.erase(job);
    active_.erase(work);
    --lane.active;
    if (quota != nullptr) quota->finish();
    settle(lane);
    return_quota(quota, id);
}

void Pool::put_back(std::uint64_t job, TimePoint now) {
    const auto work = active_at(job);
    Lane& lane = lane_at(work->lane);
    std::list<Work>& queue = lane.queue_for(*work);
    // Its class was in turn when it was taken, so it must be in turn again.
    lane.retry_was_last = !work->retry;
    queue.splice(queue.begin(), active_, work);
    jobs_.find(job)->second.active = false;
    --lane.active;
    ++queued_;
    --started_total_;
    const auto id = lane.id;
    LaneQuota* quota = lane.quota;
    if (quota != nullptr) quota->finish();
    if (work->started_at == now) {
        bucket_.give_back();
        if (quota != nullptr) quota->give_back_token();
    }
    settle(lane);
    return_quota(quota, id);
}

Pool::Recall Pool::recall(std::uint64_t job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return Recall::unknown;
    if (found->second.active) return Recall::active;
    const auto work = found->second.work;
    Lane& lane = lane_at(work->lane);
    lane.queue_for(*work).erase(work);
    jobs_.erase(found);
    --queued_;
    settle(lane);
    return Recall::recalled;
}

void Pool::take_queue(std::list<Work>& queue, std::vector<Work>& taken) {
    for (Work& work : queue) {
        jobs_.erase(work.job);
        taken.push_back(std::move(work));
    }
    queued_ -= queue.size();
    queue.clear();
}

std::vector<Work> Pool::drop_lane(std::uint64_t lane) {
    std::vector<Work> taken;
    const auto found = lanes_.find(lane);
    if (found == lanes_.end()) return taken;
    take_queue(found->second.first_attempts, taken);
    take_queue(found->second.retries, taken);
    settle(found->second);
    return taken;
}

std::vector<Work> Pool::drop_all() {
    std::vector<std::uint64_t> ids;
    ids.reserve(lanes_.size());
    for (const auto& [id, lane] : lanes_) ids.push_back(id);
    std::vector<Work> taken;
    for (const std::uint64_t id : ids) {
        auto dropped = drop_lane(id);
        std::move(dropped.begin(), dropped.end(), std::back_inserter(taken));
    }
    return taken;
}

void Pool::block_lane(std::uint64_t id, TimePoint until) {
    Lane& lane = lane_at(id);
    if (lane.blocked_until) blocks_.erase({*lane.blocked_until, id});
    lane.blocked_until = until;
    blocks_.emplace(until, id);
    settle(lane);
}

void Pool::hold_lane(std::uint64_t id) {
    Lane& lane = lane_at(id);
    lane.held = true;
    settle(lane);
}

void Pool::release_lane(std::uint64_t id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    found->second.held = false;
    settle(found->second);
}

void Pool::set_limits(PoolLimits limits, TimePoint now) {
    if (limits.rate_per_minute != limits_.rate_per_minute) bucket_.set_rate(limits.rate_per_minute, now);
    limits_ = limits;
}

bool Pool::is_active(std::uint64_t job) const {
    const auto found = jobs_.find(job);
    return found != jobs_.end() && found->second.active;
}

std::size_t Pool::room() const {
    return limits_.queued_max - std::min(queued_, limits_.queued_max);
}

PoolStats Pool::stats() const {
    return PoolStats{
        .queued = queued_,
        .active = active_.size(),
        .lanes = lanes_.size(),
        .concurrency = limits_.concurrency,
        .rate_per_minute = limits_.rate_per_minute,
        .suspended = suspended_,
        .started_total = started_total_,
        .rate_waits_total = rate_waits_total_,
    };
}

LaneStats Pool::lane_stats(std::uint64_t id) const {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return LaneStats{};
    const Lane& lane = found->second;
    return LaneStats{
        .queued = lane.queued(),
        .active = lane.active,
        .held = lane.held,
        .blocked_until = lane.blocked_until};
}

Pool::Lane& Pool::lane_at(std::uint64_t id) {
    const auto [found, is_new] = lanes_.try_emplace(id);
    Lane& lane = found->second;
    if (is_new) {
        lane.id = id;
        lane.quota = quotas_ != nullptr ? quotas_->find(id) : nullptr;
        lane.place = parked_.insert(parked_.end(), &lane);
    }
    return lane;
}

std::list<Pool::Lane*>& Pool::ring(Ring ring) {
    switch (ring) {
        case Ring::ready: return ready_;
        case Ring::over_share: return over_share_;
        case Ring::parked: break;
    }
    return parked_;
}

std::size_t Pool::share() const {
    return std::max<std::size_t>(1, limits_.concurrency / std::max<std::size_t>(1, demanding_));
}

Pool::Lane* Pool::next_lane(TimePoint now) {
    while (!ready_.empty()) {
        Lane* lane = ready_.front();
        if (!has_quota(*lane, now)) continue;
        if (lane->active < share()) return lane;
        move_to(*lane, Ring::over_share);
    }
    while (!over_share_.empty()) {
        Lane* lane = over_share_.front();
        if (has_quota(*lane, now)) return lane;
    }
    return nullptr;
}

bool Pool::has_quota(Lane& lane, TimePoint now) {
    if (lane.quota == nullptr) return true;
    const auto token_at = lane.quota->next_token_at(now);
    if (token_at <= now && lane.quota->has_permit()) return true;
    if (token_at > now) {
        lane.rate_until = token_at;
        rate_waits_.emplace(token_at, lane.id);
    }
    settle(lane);
    return false;
}

void Pool::return_quota(LaneQuota* quota, std::uint64_t lane) {
    if (quota == nullptr || !quota->has_permit()) return;
    for (Pool* pool : quota->take_waiting()) {
        // What one of them starts may be over at once, and end the next.
        if (pool != this && quotas_->is_attached(*pool)) pool->quota_freed(lane);
    }
}

void Pool::quota_freed(std::uint64_t id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    settle(found->second);
    if (const auto freed = quota_freed_) freed();  // this may be gone then
}

void Pool::quota_changed(std::uint64_t id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    lane.quota = quotas_->find(id);
    if (lane.rate_until) rate_waits_.erase({*lane.rate_until, id});
    lane.rate_until.reset();
    quota_freed(id);
}

std::optional<StartWait> Pool::wait_of(std::uint64_t job, TimePoint now) const {
    using Kind = StartWait::Kind;
    const auto found = jobs_.find(job);
    if (found == jobs_.end() || found->second.active) return std::nullopt;
    const Lane& lane = lanes_.at(found->second.work->lane);
    if (suspended_) return StartWait{Kind::suspended};
    if (lane.held) return StartWait{Kind::held};
    if (lane.blocked_until) return StartWait{Kind::blocked, lane.blocked_until};
    if (lane.quota != nullptr) {
        if (!lane.quota->has_permit()) return StartWait{Kind::lane_concurrency};
        if (const auto at = lane.quota->next_token_at(now); at > now) return StartWait{Kind::lane_rate, at};
    }
    if (active_.size() >= limits_.concurrency) return StartWait{Kind::concurrency};
    auto bucket = bucket_;
    if (const auto at = bucket.next_token_at(now); at > now) return StartWait{Kind::rate, at};
    return StartWait{Kind::turn};
}

void Pool::move_to(Lane& lane, Ring to) {
    std::list<Lane*>& target = ring(to);
    target.splice(target.end(), ring(lane.ring), lane.place);
    lane.ring = to;
}

/// Puts the lane where its state says, and forgets a lane that has none.
void Pool::settle(Lane& lane) {
    const bool has_permit = lane.quota == nullptr || lane.quota->has_permit();
    if (!has_permit && lane.queued() != 0) lane.quota->wait(*this);
    const bool may_start =
        lane.queued() != 0 && !lane.held && !lane.blocked_until && !lane.rate_until && has_permit;
    const bool demands = may_start || lane.active != 0;
    if (demands != lane.demands) demanding_ += demands ? 1 : std::size_t(-1);
    lane.demands = demands;
    if (!may_start) {
        if (lane.ring != Ring::parked) move_to(lane, Ring::parked);
    } else if (lane.ring == Ring::parked || (lane.ring == Ring::over_share && lane.active < share())) {
        move_to(lane, Ring::ready);
    }
    if (lane.queued() != 0 || lane.active != 0 || lane.held) return;
    if (lane.blocked_until || lane.rate_until) return;
    ring(lane.ring).erase(lane.place);
    lanes_.erase(lane.id);
}

void Pool::unblock(TimePoint now) {
    while (!blocks_.empty() && blocks_.begin()->first <= now) {
        Lane& lane = lane_at(blocks_.begin()->second);
        blocks_.erase(blocks_.begin());
        lane.blocked_until.reset();
        settle(lane);
    }
    while (!rate_waits_.empty() && rate_waits_.begin()->first <= now) {
        Lane& lane = lane_at(rate_waits_.begin()->second);
        rate_waits_.erase(rate_waits_.begin());
        lane.rate_until.reset();
        settle(lane);
    }
}

std::list<Work>::iterator Pool::active_at(std::uint64_t job) {
    const auto found = jobs_.find(job);
    FC_ASSERT(found != jobs_.end() && found->second.active, "only work that runs can end");
    return found->second.work;
}

}  // namespace fc::router
