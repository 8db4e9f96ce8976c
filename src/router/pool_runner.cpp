#include "router/pool_runner.h"

#include "base/error.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace fc::router {

namespace {

constexpr Millis block_min{10};

/// The runner itself bounds what it takes: our own jobs here, pointers where they are fetched.
PoolLimits unbounded(PoolLimits limits) {
    limits.queued_max = std::numeric_limits<std::size_t>::max();
    limits.lane_queued_max = limits.queued_max;
    return limits;
}

}  // namespace

void Permit::release(bool success) {
    if (const auto pool = std::exchange(pool_, nullptr)) pool->finished(job_, started_at_, success);
}

void Permit::put_back(TimePoint lane_blocked_until) {
    if (const auto pool = std::exchange(pool_, nullptr)) pool->returned(job_, lane_blocked_until);
}

PoolRunner::PoolRunner(PoolConfig config, Parts parts)
    : config_(std::move(config)),
      parts_(std::move(parts)),
      pool_(unbounded(config_.limits), parts_.clock->now(), parts_.quotas),
      timer_(parts_.executor),
      last_activity_(parts_.clock->now()) {
    const metrics::Labels labels{{"pool_code", config_.key}};
    metrics_.processing_duration_seconds = parts_.metrics.processing_duration_seconds.with(labels);
    metrics_.active_workers = parts_.metrics.active_workers.with(labels);
    metrics_.queue_depth = parts_.metrics.queue_depth.with(labels);
    metrics_.rate_limit_rejections_total = parts_.metrics.rate_limit_rejections_total.with(labels);
    metrics_.available_permits = parts_.metrics.available_permits.with(labels);
    metrics_.message_group_count = parts_.metrics.message_group_count.with(labels);
    const auto& processed = parts_.metrics.messages_processed_total;
    succeeded_total_ = processed.with({{"pool_code", config_.key}, {"result", "success"}});
    failed_total_ = processed.with({{"pool_code", config_.key}, {"result", "failed"}});
    if (config_.suspended) pool_.suspend();
    pool_.on_quota_freed([this] { pump(); });
    show();
}

PoolRunner::~PoolRunner() {
    parts_.metrics.active_workers.remove(metrics_.active_workers);
    parts_.metrics.queue_depth.remove(metrics_.queue_depth);
    parts_.metrics.available_permits.remove(metrics_.available_permits);
    parts_.metrics.message_group_count.remove(metrics_.message_group_count);
}

void PoolRunner::configure(PoolConfig config) {
    FC_ASSERT(config.key == config_.key, "a pool keeps its key");
    config_ = std::move(config);
    pool_.set_limits(unbounded(config_.limits), parts_.clock->now());
    if (config_.suspended) {
        pool_.suspend();
    } else {
        pool_.resume();
    }
    pump();
}

Pool::Push PoolRunner::submit(Work work) {
    if (!is_pointer(work)) {
        if (pool_.queued() >= config_.limits.queued_max) return Pool::Push::pool_full;
        const LaneStats lane = pool_.lane_stats(work.lane);
        if (lane.queued >= config_.limits.lane_queued_max) return Pool::Push::lane_full;
    }
    const TimePoint now = parts_.clock->now();
    const Pool::Push pushed = pool_.push(std::move(work), now);
    if (pushed == Pool::Push::queued) pump(now);
    return pushed;
}

Pool::Recall PoolRunner::recall(std::uint64_t job) {
    const Pool::Recall recalled = pool_.recall(job);
    pump();
    return recalled;
}

void PoolRunner::block_lane(std::uint64_t lane, TimePoint until) {
    pool_.block_lane(lane, until);
    pump();
}

void PoolRunner::hold_lane(std::uint64_t lane) {
    pool_.hold_lane(lane);
    pump();
}

void PoolRunner::release_lane(std::uint64_t lane) {
    pool_.release_lane(lane);
    pump();
}

std::vector<Work> PoolRunner::take_lane(std::uint64_t lane) {
    std::vector<Work> taken = pool_.drop_lane(lane);
    pump();
    return taken;
}

void PoolRunner::drop_all() {
    for (Work& work : pool_.drop_all()) {
        const auto& handler = is_pointer(work) ? parts_.handlers->pointers : parts_.handlers->own_jobs;
        if (handler.dropped) handler.dropped(std::move(work));
    }
    pump();
}

void PoolRunner::when_idle(std::function<void()> action) {
    when_idle_ = std::move(action);
    pump();
}

void PoolRunner::finished(std::uint64_t job, TimePoint started_at, bool success) {
    last_activity_ = parts_.clock->now();
    pool_.finish(job);
    (success ? succeeded_total_ : failed_total_).increment();
    const std::chrono::duration<double> duration = last_activity_ - started_at;
    metrics_.processing_duration_seconds.observe(duration.count());
    pump(last_activity_);
}

void PoolRunner::returned(std::uint64_t job, TimePoint until) {
    const TimePoint now = parts_.clock->now();
    const auto& active = pool_.active_work();
    const auto work = std::ranges::find(active, job, &Work::job);
    FC_ASSERT(work != active.end(), "only work that runs can be put back");
    pool_.block_lane(work->lane, std::max(until, now + block_min));
    pool_.put_back(job, now);
    pump(now);
}

/// What it starts may call back into this pool before it returns: that only asks for one more round.
void PoolRunner::pump(TimePoint now) {
    pump_again_ = true;
    if (pumping_) return;
    pumping_ = true;
    while (std::exchange(pump_again_, false)) start_all(now);
    pumping_ = false;
    show();
    if (when_idle_ && pool_.is_idle()) {
        const auto action = std::exchange(when_idle_, nullptr);
        action();
    }
}

void PoolRunner::start_all(TimePoint now) {
    if (closed_) return arm(std::nullopt, now);
    while (auto work = pool_.next(now)) {
        const auto& handler = is_pointer(*work) ? parts_.handlers->pointers : parts_.handlers->own_jobs;
        Permit permit{shared_from_this(), work->job, work->started_at};
        parts_.tasks->spawn(handler.run(std::move(*work), std::move(permit)));
    }
    arm(pool_.next_due(now), now);
}

void PoolRunner::arm(std::optional<TimePoint> due, TimePoint now) {
    if (due == armed_for_) return;
    armed_for_ = due;
    if (!due) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::max(*due - now, Millis{0}));
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->armed_for_.reset();
        self->pump();
    });
}

void PoolRunner::show() {
    const PoolStats stats = pool_.stats();
    metrics_.active_workers.set(static_cast<double>(stats.active));
    metrics_.queue_depth.set(static_cast<double>(stats.queued));
    metrics_.message_group_count.set(static_cast<double>(stats.lanes));
    metrics_.available_permits.set(std::max(0.0, double(stats.concurrency) - double(stats.active)));
    if (stats.rate_waits_total == rate_waits_shown_) return;
    metrics_.rate_limit_rejections_total.increment(double(stats.rate_waits_total - rate_waits_shown_));
    rate_waits_shown_ = stats.rate_waits_total;
}

}  // namespace fc::router
