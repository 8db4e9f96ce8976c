#pragma once

#include "base/error.h"
#include "queue/queue.h"
#include "router/pointers.h"
#include "router/pool_runner.h"
#include "router/warnings.h"
#include "runtime/service.h"
#include "runtime/task_group.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fc::router {

struct RouterSettings {
    std::size_t pools_max = 2'000;
    std::size_t fetch_max = 100;
    Millis fetch_wait{30'000};
    Millis extend_interval{30'000};    ///< well under the broker's ack wait
    Millis discover_interval{10'000};  ///< how soon a subject of an unknown pool is seen
    Millis broker_retry_first{500};
    Millis broker_retry_max{30'000};
    PoolLimits default_pool = {};  ///< until `default` is configured
};

/// Whether the messages of one subject arrive.
struct ConsumerReport {
    std::string subject;
    std::string pool_key;
    TimePoint last_poll{};  ///< the last answer of the broker, messages or none
};

struct PoolReport {
    std::string key;
    PoolStats stats;
    std::size_t pointers_room = 0;
    TimePoint last_activity{};
    bool draining = false;
};

/// Queue -> target. Owns the pools; runs our own jobs that are submitted in memory, and the pointers of other
/// producers that it fetches, within the limits of each pool. Lives on the io thread.
class Router : public Service {
public:
    struct Parts {
        Executor executor;
        const Clock* clock;
        WorkHandler own_jobs = {};      ///< empty where none are submitted
        Mediator* mediator = nullptr;   ///< for pointers
        queue::Queue* queue = nullptr;  ///< nullptr: no pointers are fetched
        RouterMetrics metrics = {};
    };
    Router(RouterSettings settings, Parts parts);
    ~Router() override;

    std::string_view name() const override { return "router"; }
    Task<> run() override;
    /// Fetches and starts nothing more, waits for what is in flight, gives back the rest: own jobs to their
    /// `dropped`, pointers to the broker in their order.
    Task<> stop(Millis deadline) override;

    /// Hands one of our own jobs over. `default` is used for a pool that is not known (with a warning).
    Pool::Push submit(std::string_view pool_key, Work work);
    /// The pool of that key or alias, for holding, blocking and recalling; nullptr when there is none.
    PoolRunner* find_pool(std::string_view name);

    /// Creates the pool or changes it in place. An Error when there are `pools_max`.
    Result<void> put_pool(PoolConfig config);
    /// The pool takes nothing new, ends what it has within its limits, and is gone then. False for `default`
    /// and for an unknown key.
    bool remove_pool(std::string_view key);
    /// Makes the pools exactly these (and `default`).
    void sync_pools(std::vector<PoolConfig> configs);

    /// What one lane may use in all pools together; takes effect at once.
    void limit_lane(std::uint64_t lane, LaneLimits limits) { quotas_.set(lane, limits, parts_.clock->now()); }
    /// Why one of our own jobs has not started; nullopt: it is in no pool of that name, or runs.
    std::optional<StartWait> wait_of(std::string_view pool_key, std::uint64_t job) const;

    Warnings& warnings() { return warnings_; }
    std::vector<PoolReport> pools() const;
    std::vector<ConsumerReport> consumers() const { return consumers_; }
    std::vector<HeldPointer> held_pointers(std::size_t limit) const { return pointers_.list(limit); }

private:
    struct Entry {
        std::shared_ptr<PoolRunner> runner;
        bool draining = false;
    };

    std::shared_ptr<PoolRunner> pool_for(std::string_view name);
    PoolRunner::Parts runner_parts();
    void index_names();
    void consume_subject(const queue::PoolSubject& subject);
    Task<> consume(queue::PoolSubject subject, std::size_t report);
    Task<> fetch_from(std::unique_ptr<queue::Consumer> consumer, std::size_t report);
    Task<> discover();
    Task<> extend();
    Task<> wait(Millis time);
    void warn(std::string category, Severity severity, std::string message);

    RouterSettings settings_;
    Parts parts_;
    Warnings warnings_;
    Pointers pointers_;
    WorkHandlers handlers_;
    LaneQuotas quotas_;  // outlives the permits that the deliveries hold
    TaskGroup deliveries_;
    TaskGroup loops_;
    std::map<std::string, Entry, std::less<>> pools_;
    std::map<std::string, std::string, std::less<>> names_;  ///< every name but the keys -> key
    std::set<queue::PoolSubject> subjects_;
    std::vector<ConsumerReport> consumers_;
    Timer stopped_;
    bool running_ = false;
    bool stopping_ = false;
};

}  // namespace fc::router
