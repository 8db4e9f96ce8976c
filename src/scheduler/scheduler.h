#pragma once

#include "messaging/catalog.h"
#include "messaging/delivery/delivery.h"
#include "messaging/dispatch_job/job_control.h"
#include "router/router.h"
#include "runtime/service.h"
#include "runtime/task_group.h"
#include "scheduler/lane_book.h"
#include "store/message_log.h"

#include <functional>
#include <string>

namespace fc::scheduler {

/// How ready jobs reach the router: by a call, or as pointers on the queue (ADR 0015).
class HandOver {
public:
    virtual ~HandOver() = default;
    /// The job is ready to be sent; `start_job` of the scheduler will be called for it.
    virtual void hand_over(const std::string& pool_key, JobPtr job) = 0;
    /// Takes back what has not started, as far as that is possible.
    virtual void recall(const JobPtr& job) = 0;
    /// Why a job that was handed over has not started.
    virtual messaging::LiveJob waiting(const HeldJob& job) const = 0;
};

/// What became of one job that was started.
struct JobEnd {
    enum class Kind { done, blocked };
    Kind kind = Kind::done;
    TimePoint blocked_until{};
    bool delivered = false;
};

/// Brings ready jobs from the store to the router and their outcomes back. The store holds time and order,
/// this knows what of it is in memory: nothing here outlives the process, and recovery is the question that a
/// start asks.
class Scheduler : public Service, public messaging::JobControl {
public:
    struct Parts {
        Executor executor;
        const Clock* clock;
        store::MessageLog* messages;
        messaging::Catalog* catalog;
        messaging::Delivery* delivery;
        /// Called for a target that answered 410.
        std::function<Task<>(Tsid subscription, std::string reason)> pause_subscription;
        Millis store_retry_wait{1'000};           ///< before a store that failed is asked again
        metrics::Counter jobs_scheduled_total{};  ///< jobs handed over to the router
    };
    Scheduler(LaneLimits limits, Parts parts);
    /// Before run().
    void hand_over_to(HandOver& hand_over) { hand_over_ = &hand_over; }

    std::string_view name() const override { return "scheduler"; }
    Task<> run() override;
    Task<> stop(Millis deadline) override;

    /// Delivers a job that was handed over, up to its outcome in the store. `released` is called as soon as
    /// the request has ended, before the outcome is stored, unless the job is blocked.
    Task<JobEnd> start_job(JobPtr job, std::function<void(bool delivered)> released);
    /// The job of that id, when it was handed over and has not started.
    JobPtr find_handed_over(Tsid job) const { return book_.find(job); }

    messaging::LiveJob live(Tsid job) const override;
    std::vector<Tsid> live_jobs(const store::JobQuery& query) const override;
    Task<Result<store::JobRecord>> retry(Tsid job, store::Resend resend) override;
    Task<Result<store::JobRecord>> cancel(Tsid job, std::string reason) override;

    TimePoint now() const { return parts_.clock->now(); }
    std::size_t in_memory() const { return book_.size(); }

private:
    bool is_lane_held(store::LaneKey lane) const;
    messaging::PoolPtr pool_of(store::LaneKey lane) const {
        return parts_.catalog->pool_of(lane.owner, lane.pool_id);
    }
    void take_ready(std::vector<store::ReadyJob> jobs);
    void hand_over(const JobPtr& job);
    void work_due();
    void arm();
    Task<> refill(Refill refill);
    Task<> recover();
    /// A process that died while it deleted a subscription left jobs that nobody can deliver.
    Task<> cancel_orphans(Tsid owner);
    /// False in a stop, and while outcomes of requests that were made wait for the store.
    bool may_start() const;
    Task<> store_outcome(std::shared_ptr<const store::Settlement> settlement);
    void outcome_refused(std::string_view reason);
    void refused_outcome_ended(bool stored);
    Task<> pause_gone(Tsid subscription);
    void subscription_changed(const messaging::Subscription& subscription);
    void pool_changed(const messaging::DispatchPool& pool);
    void reset_lane(store::LaneKey lane);
    /// JOB_IN_PROGRESS when it is being delivered; else the job is out of memory until `readmit`.
    Result<void> take_back(Tsid job);

    Parts parts_;
    LaneBook book_;
    HandOver* hand_over_ = nullptr;
    TaskGroup tasks_;
    Timer timer_;
    Timer stopped_;
    std::optional<TimePoint> armed_for_;
    std::size_t unstored_ = 0;  ///< outcomes on their way to the store
    std::size_t refused_ = 0;   ///< those of them that the store refused, to be tried again
    std::size_t lost_ = 0;      ///< refused to the end, when a stop could not wait
    bool stopping_ = false;
};

}  // namespace fc::scheduler
