#pragma once

#include "router/metrics.h"
#include "router/pool.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fc::router {

class PoolRunner;

/// The right to have one request out. Whoever has it ends it once: `release` when the request has ended
/// (before the outcome is stored, so that the next may start), or `put_back` when nothing was sent.
/// Destroyed, it counts as failed.
class Permit {
public:
    Permit(std::shared_ptr<PoolRunner> pool, std::uint64_t job, TimePoint started_at)
        : pool_(std::move(pool)),
          job_(job),
          started_at_(started_at) {}
    Permit(Permit&&) = default;
    Permit& operator=(Permit&&) = delete;
    ~Permit() { release(false); }

    void release(bool success);
    /// The work starts again, first of its lane, when the lane's block ends.
    void put_back(TimePoint lane_blocked_until);
    bool is_held() const { return pool_ != nullptr; }

private:
    std::shared_ptr<PoolRunner> pool_;
    std::uint64_t job_;
    TimePoint started_at_;
};

/// What happens to work of one kind.
struct WorkHandler {
    std::function<Task<>(Work, Permit)> run;  ///< no coroutine lambda: a call of a member function
    std::function<void(Work)> dropped;        ///< left the pool without being started (stop, removal)
};

/// The two kinds, told apart by the lane's highest bit (`pointer_bit`).
struct WorkHandlers {
    WorkHandler own_jobs;
    WorkHandler pointers;
};

constexpr bool is_pointer(const Work& work) {
    return (work.lane & pointer_bit) != 0;
}

/// What an operator sets for a pool.
struct PoolConfig {
    std::string key;                        ///< `default` or the pool's id
    std::vector<std::string> aliases = {};  ///< further names that pointers may carry, such as its code
    PoolLimits limits = {};
    std::size_t pointers_max = 1'000;  ///< other producers' pointers held at once; then none is fetched
    bool suspended = false;
};

/// Starts what a Pool says may start: at once when something was pushed, released or changed, else by one
/// timer at the moment the pool names. No thread, no polling. Lives on the io thread; owned by shared_ptr.
class PoolRunner : public std::enable_shared_from_this<PoolRunner> {
public:
    struct Parts {
        Executor executor;
        const Clock* clock;
        TaskGroup* tasks;  ///< owns what is started
        const WorkHandlers* handlers;
        PoolMetrics metrics = {};
        LaneQuotas* quotas = nullptr;  ///< null: no lane has limits of its own
    };
    PoolRunner(PoolConfig config, Parts parts);
    ~PoolRunner();

    const PoolConfig& config() const { return config_; }
    const std::string& key() const { return config_.key; }
    const Pool& pool() const { return pool_; }
    /// Limits, suspension and names take effect at once; nothing that runs is stopped.
    void configure(PoolConfig config);

    /// Our own jobs are refused above `queued_max` and `lane_queued_max`. Pointers are always taken: of them
    /// no more are fetched than `pointers_max`.
    Pool::Push submit(Work work);
    Pool::Recall recall(std::uint64_t job);
    void block_lane(std::uint64_t lane, TimePoint until);
    void hold_lane(std::uint64_t lane);
    void release_lane(std::uint64_t lane);
    /// Takes back what of the lane has not started.
    std::vector<Work> take_lane(std::uint64_t lane);
    /// Gives all that waits to the handlers' `dropped`.
    void drop_all();
    /// Starts nothing any more.
    void close() { closed_ = true; }
    /// Called once, when the pool has become idle; at once when it is.
    void when_idle(std::function<void()> action);
    /// When something ended last; the time of its making before that.
    TimePoint last_activity() const { return last_activity_; }

private:
    friend class Permit;
    void finished(std::uint64_t job, TimePoint started_at, bool success);
    void returned(std::uint64_t job, TimePoint until);
    void pump() { pump(parts_.clock->now()); }
    void pump(TimePoint now);
    void start_all(TimePoint now);
    void arm(std::optional<TimePoint> due, TimePoint now);
    void show();

    PoolConfig config_;
    Parts parts_;
    Pool pool_;
    Timer timer_;
    std::optional<TimePoint> armed_for_;
    bool closed_ = false;
    bool pumping_ = false;
    bool pump_again_ = false;
    std::uint64_t rate_waits_shown_ = 0;
    TimePoint last_activity_;
    std::function<void()> when_idle_;
    PoolMetrics metrics_;
    metrics::Counter succeeded_total_;
    metrics::Counter failed_total_;
};

}  // namespace fc::router
