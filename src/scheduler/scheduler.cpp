#include "scheduler/scheduler.h"

#include "runtime/fault.h"
#include "runtime/log.h"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <functional>

namespace fc::scheduler {
namespace {

/// A safety net: nothing should be found by it that was not known before.
constexpr Millis recovery_interval{30'000};
constexpr std::size_t orphans_at_once = 200;
/// A commit takes up more than a thousand outcomes only on a disk that is nearly stuck.
constexpr std::size_t unstored_max = 1'000;

/// Ends the exclusion of a job from memory when an operator's request is over, however it ended.
class Exclusion {
public:
    Exclusion(LaneBook& book, Tsid job, store::LaneKey lane) : book_(&book), job_(job), lane_(lane) {}
    Exclusion(const Exclusion&) = delete;
    Exclusion& operator=(const Exclusion&) = delete;
    ~Exclusion() { book_->readmit(job_, lane_); }

private:
    LaneBook* book_;
    Tsid job_;
    store::LaneKey lane_;
};

/// Ends when the timer does, or is cancelled.
Task<> wait_on(Timer& timer) {  // NOLINT(cppcoreguidelines-avoid-reference-coroutine-parameters): a member's
                                // or its caller's
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(use_task, cancelled);
    co_await timer.async_wait(token);
}

Error in_progress(Tsid job) {
    return conflict(
        "JOB_IN_PROGRESS",
        "the dispatch job " + job.to_string() + " is being delivered: try again when the attempt ended");
}

Error job_not_found(Tsid job) {
    return not_found("JOB_NOT_FOUND", "there is no dispatch job " + job.to_string());
}

/// The job as the store has it after an outcome that lets it wait.
store::JobRecord postponed(const store::Settlement& settlement) {
    auto job = settlement.job;
    if (settlement.counts) ++job.attempts;
    job.next_attempt_at = settlement.next_attempt_at;
    job.last_error = settlement.last_error;
    return job;
}

template <class T>
bool names(const std::vector<T>& wanted, const T& value) {
    return std::ranges::find(wanted, value) != wanted.end();
}

/// The status apart.
bool fits(const store::JobRecord& job, const store::JobQuery& query) {
    if (query.client_ids && !names(*query.client_ids, job.client_id)) return false;
    if (!query.owners.empty() && !names(query.owners, job.owner)) return false;
    if (query.event_id && *query.event_id != job.event_id) return false;
    return query.message_group.empty() || query.message_group == job.message_group;
}

}  // namespace

Scheduler::Scheduler(LaneLimits limits, Parts parts)
    : parts_(std::move(parts)),
      book_(limits, [this](store::LaneKey lane) { return is_lane_held(lane); }),
      tasks_(parts_.executor, "scheduler"),
      timer_(parts_.executor),
      stopped_(parts_.executor) {
    parts_.messages->on_ready([this](std::vector<store::ReadyJob> jobs) { take_ready(std::move(jobs)); });
    parts_.catalog->on_subscription([this](const messaging::SubscriptionPtr& subscription, bool) {
        subscription_changed(*subscription);
    });
    parts_.catalog->on_pool([this](const messaging::PoolPtr& pool, bool) { pool_changed(*pool); });
}

Task<> Scheduler::run() {
    while (!stopping_) {
        co_await recover();
        stopped_.expires_after(recovery_interval);
        if (!stopping_) co_await wait_on(stopped_);
    }
}

Task<> Scheduler::stop(Millis deadline) {
    stopping_ = true;
    timer_.cancel();
    stopped_.cancel();
    co_await tasks_.drain(deadline);
}

Task<> Scheduler::recover() {
    try {
        const auto lanes = co_await parts_.messages->lanes();
        for (const auto& lane : lanes) {
            if (!parts_.catalog->find_subscription(lane.owner)) co_await cancel_orphans(lane.owner);
        }
        book_.recover(lanes);
        work_due();
    } catch (const boost::system::system_error& failure) {
        log::warn("cannot look for open jobs", {{"reason", std::string(failure.what())}});
    }
}

Task<> Scheduler::cancel_orphans(Tsid owner) {
    std::size_t cancelled = 0;
    do {
        std::string reason = "the subscription was deleted";
        cancelled = co_await parts_.messages->cancel_of_owner(owner, std::move(reason), orphans_at_once);
    } while (cancelled > 0);
}

bool Scheduler::is_lane_held(store::LaneKey lane) const {
    const auto subscription = parts_.catalog->find_subscription(lane.owner);
    const bool is_paused = !subscription || subscription->status == messaging::SubscriptionStatus::paused;
    return is_paused || pool_of(lane)->holds_jobs();
}

void Scheduler::take_ready(std::vector<store::ReadyJob> jobs) {
    if (stopping_) return;
    const auto now = parts_.clock->now();
    for (auto& job : jobs) {
        if (const auto kept = book_.ready(std::move(job), now)) hand_over(kept);
    }
    arm();
}

void Scheduler::hand_over(const JobPtr& job) {
    job->pool_key = messaging::pool_key(*pool_of({job->job.owner, job->job.pool_id}));
    parts_.jobs_scheduled_total.increment();
    hand_over_->hand_over(job->pool_key, job);
}

void Scheduler::work_due() {
    if (stopping_) return;
    const auto now = parts_.clock->now();
    for (const auto& job : book_.take_due(now)) hand_over(job);
    while (auto next = book_.next_refill(now)) tasks_.spawn(refill(*next));
    arm();
}

void Scheduler::arm() {
    const auto wake = book_.wants_refill() ? std::optional(TimePoint{}) : book_.next_wake();
    if (wake == armed_for_) return;
    armed_for_ = wake;
    if (!wake) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::max(Millis{0}, *wake - parts_.clock->now()));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        armed_for_.reset();
        work_due();
    });
}

Task<> Scheduler::refill(Refill refill) {
    try {
        auto due = co_await parts_.messages->due(refill.lane, refill.cursor, refill.limit);
        for (const auto& job : book_.refilled(refill, std::move(due), parts_.clock->now())) hand_over(job);
        arm();
        co_return;
    } catch (const boost::system::system_error& failure) {
        log::warn(
            "cannot read due jobs", {{"owner", refill.lane.owner}, {"reason", std::string(failure.what())}});
    }
    Timer pause(parts_.executor, parts_.store_retry_wait);
    co_await wait_on(pause);
    book_.refill_failed(refill);
    arm();
}

Task<JobEnd> Scheduler::start_job(JobPtr job, std::function<void(bool delivered)> released) {
    const auto id = job->job.id;
    if (!book_.start(id)) {
        released(false);
        co_return JobEnd{};
    }
    if (!may_start()) {
        book_.put_back(id);
        co_return JobEnd{JobEnd::Kind::blocked, parts_.clock->now() + parts_.store_retry_wait, false};
    }
    job->started_at = parts_.clock->now();
    messaging::DeliveryResult result;
    try {
        result = co_await parts_.delivery->attempt(job, job->job.next_attempt_at);
    } catch (const Failure& failure) {
        // What is stored cannot be read: recovery comes back to it, so that it is not forgotten.
        log::error("a job cannot be delivered", {{"job", id}, {"reason", std::string(failure.what())}});
        released(false);
        book_.end(id);
        co_return JobEnd{};
    }
    if (result.kind == messaging::DeliveryResult::Kind::blocked) {
        book_.put_back(id);
        co_return JobEnd{JobEnd::Kind::blocked, result.blocked_until, false};
    }
    if (result.kind == messaging::DeliveryResult::Kind::held) {
        released(false);
        book_.end(id);
        co_return JobEnd{};
    }
    const bool delivered = result.settlement->kind == store::Settlement::Kind::completed;
    released(delivered);
    co_await store_outcome(result.settlement);
    fault_point("after-outcome");
    if (result.target_is_gone) co_await pause_gone(job->job.owner);
    if (result.settlement->kind == store::Settlement::Kind::wait)
        book_.wait(postponed(*result.settlement), parts_.clock->now());
    else
        book_.end(id);
    arm();
    co_return JobEnd{JobEnd::Kind::done, {}, delivered};
}

Task<> Scheduler::pause_gone(Tsid subscription) {
    try {
        std::string reason = "the target answered 410 Gone";
        co_await parts_.pause_subscription(subscription, std::move(reason));
    } catch (const boost::system::system_error& failure) {
        // The next attempt is answered 410 again.
        log::error("cannot pause a subscription", {{"reason", std::string(failure.what())}});
    }
}

bool Scheduler::may_start() const {
    return !stopping_ && refused_ == 0 && unstored_ < unstored_max;
}

Task<> Scheduler::store_outcome(std::shared_ptr<const store::Settlement> settlement) {
    fault_point("before-outcome");
    ++unstored_;
    // The request was made: until its outcome is stored the job must not be sent again, so this gives up only
    // in a stop.
    bool was_refused = false;
    bool stored = false;
    while (true) {
        try {
            co_await parts_.messages->settle(settlement);
            stored = true;
            break;
        } catch (const boost::system::system_error& failure) {
            if (!std::exchange(was_refused, true)) outcome_refused(failure.what());
            if (stopping_) break;
        }
        Timer pause(parts_.executor, parts_.store_retry_wait);
        co_await wait_on(pause);
    }
    --unstored_;
    if (was_refused) refused_outcome_ended(stored);
}

void Scheduler::outcome_refused(std::string_view reason) {
    if (++refused_ > 1) return;
    log::error(
        "outcomes of deliveries wait for the store, and new deliveries for them", {{"reason", reason}});
}

void Scheduler::refused_outcome_ended(bool stored) {
    if (!stored) ++lost_;
    if (--refused_ > 0) return;
    if (lost_ == 0)
        log::info("the outcomes of all deliveries are stored");
    else
        log::warn(
            "deliveries whose outcome could not be stored are made again after the next start",
            {{"deliveries", lost_}});
}

messaging::LiveJob Scheduler::live(Tsid job) const {
    using Place = messaging::LiveJob::Place;
    const auto state = book_.state(job);
    if (!state) return {};
    if (*state == LaneBook::State::waiting) return {.place = Place::waiting};
    const auto held = book_.find(job);
    if (*state == LaneBook::State::in_flight) return {.place = Place::in_flight, .since = held->started_at};
    return hand_over_->waiting(*held);
}

std::vector<Tsid> Scheduler::live_jobs(const store::JobQuery& query) const {
    std::vector<Tsid> jobs;
    const auto add = [&](store::JobStatus status, LaneBook::State state) {
        if (!names(query.statuses, status)) return;
        for (const auto& held : book_.in(state)) {
            if (fits(held->job, query)) jobs.push_back(held->job.id);
        }
    };
    add(store::JobStatus::queued, LaneBook::State::handed_over);
    add(store::JobStatus::in_progress, LaneBook::State::in_flight);
    std::ranges::sort(jobs);
    return jobs;
}

Result<void> Scheduler::take_back(Tsid job) {
    const auto held = book_.find(job);
    if (!book_.exclude(job)) return in_progress(job);
    if (held && hand_over_ != nullptr) hand_over_->recall(held);
    return {};
}

Task<Result<store::JobRecord>> Scheduler::retry(Tsid job, store::Resend resend) {
    const auto stored = co_await parts_.messages->find_job(job);
    if (!stored) co_return job_not_found(job);
    const store::LaneKey lane{stored->owner, stored->pool_id};
    if (auto taken = take_back(job); !taken) co_return taken.error();
    std::optional<Exclusion> excluded(std::in_place, book_, job, lane);
    const auto leader = co_await parts_.messages->leader_of_group(job);
    std::optional<Tsid> head;
    if (leader && leader->ready) head = leader->id;
    std::optional<Exclusion> head_excluded;
    if (head && *head != job) {
        if (take_back(*head))
            head_excluded.emplace(book_, *head, store::LaneKey{leader->owner, leader->pool_id});
        else
            head.reset();
    }
    auto retried = co_await parts_.messages->retry(job, head, std::move(resend));
    // Back in memory before the store tells that it is ready.
    excluded.reset();
    head_excluded.reset();
    arm();
    co_return retried;
}

Task<Result<store::JobRecord>> Scheduler::cancel(Tsid job, std::string reason) {
    const auto stored = co_await parts_.messages->find_job(job);
    if (!stored) co_return job_not_found(job);
    const store::LaneKey lane{stored->owner, stored->pool_id};
    if (auto taken = take_back(job); !taken) co_return taken.error();
    const Exclusion excluded(book_, job, lane);
    co_return co_await parts_.messages->cancel(job, std::move(reason));
}

void Scheduler::reset_lane(store::LaneKey lane) {
    for (const auto& job : book_.hold(lane)) hand_over_->recall(job);
    if (!is_lane_held(lane)) book_.release(lane);
}

void Scheduler::subscription_changed(const messaging::Subscription& subscription) {
    if (hand_over_ == nullptr) return;
    for (const auto& lane : book_.lanes_of(subscription.id)) reset_lane(lane);
    arm();
}

void Scheduler::pool_changed(const messaging::DispatchPool& pool) {
    if (hand_over_ == nullptr) return;
    for (const auto& subscription : parts_.catalog->subscriptions().all()) {
        const store::LaneKey lane{subscription->id, Tsid{}};
        if (pool_of(lane)->id == pool.id) reset_lane(lane);
    }
    for (const auto& lane : book_.lanes()) {
        if (lane.pool_id == pool.id) reset_lane(lane);
    }
    arm();
}

}  // namespace fc::scheduler
