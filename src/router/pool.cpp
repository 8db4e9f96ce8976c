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

Pool::Pool(PoolLimits limits, TimePoint now) : limits_(limits), bucket_(limits.rate_per_minute, now) {}

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
    Lane* lane = next_lane();
    if (lane == nullptr) return std::nullopt;
    if (!bucket_.take(now)) {
        if (!waits_for_token_) ++rate_waits_total_;
        waits_for_token_ = true;
        return std::nullopt;
    }
    waits_for_token_ = false;
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
    if (!blocks_.empty()) return blocks_.begin()->first;
    return std::nullopt;
}

void Pool::finish(std::uint64_t job) {
    const auto work = active_at(job);
    Lane& lane = lane_at(work->lane);
    jobs_.erase(job);
    active_.erase(work);
    --lane.active;
    settle(lane);
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
    if (work->started_at == now) bucket_.give_back();
    settle(lane);
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

Pool::Lane* Pool::next_lane() {
    while (!ready_.empty()) {
        Lane* lane = ready_.front();
        if (lane->active < share()) return lane;
        move_to(*lane, Ring::over_share);
    }
    return over_share_.empty() ? nullptr : over_share_.front();
}

void Pool::move_to(Lane& lane, Ring to) {
    std::list<Lane*>& target = ring(to);
    target.splice(target.end(), ring(lane.ring), lane.place);
    lane.ring = to;
}

/// Puts the lane where its state says, and forgets a lane that has none.
void Pool::settle(Lane& lane) {
    const bool may_start = lane.queued() != 0 && !lane.held && !lane.blocked_until;
    const bool demands = may_start || lane.active != 0;
    if (demands != lane.demands) demanding_ += demands ? 1 : std::size_t(-1);
    lane.demands = demands;
    if (!may_start) {
        if (lane.ring != Ring::parked) move_to(lane, Ring::parked);
    } else if (lane.ring == Ring::parked || (lane.ring == Ring::over_share && lane.active < share())) {
        move_to(lane, Ring::ready);
    }
    if (lane.queued() != 0 || lane.active != 0 || lane.held || lane.blocked_until) return;
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
}

std::list<Work>::iterator Pool::active_at(std::uint64_t job) {
    const auto found = jobs_.find(job);
    FC_ASSERT(found != jobs_.end() && found->second.active, "only work that runs can end");
    return found->second.work;
}

}  // namespace fc::router
