#pragma once

#include "base/time.h"
#include "router/lane_quota.h"
#include "router/token_bucket.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fc::router {

/// Set in the lane and the job of pointers, which share the pools with our own jobs; the TSIDs of our own
/// reach it in the year 2089.
inline constexpr std::uint64_t pointer_bit = std::uint64_t{1} << 63;

/// One thing to deliver. `lane` is what fairness is between (a subscription, a target), `job` is unique among
/// what the pool holds, `payload` is the business of whoever runs it.
struct Work {
    std::uint64_t lane = 0;
    std::uint64_t job = 0;
    bool retry = false;
    std::shared_ptr<void> payload = {};
    TimePoint queued_at{};
    TimePoint started_at{};
};

struct PoolLimits {
    std::uint32_t concurrency = 64;
    std::int64_t rate_per_minute = 0;      ///< 0: no limit
    std::size_t queued_max = 10'000;       ///< waiting in the pool
    std::size_t lane_queued_max = 10'000;  ///< waiting in one lane
    bool operator==(const PoolLimits&) const = default;
};

struct PoolStats {
    std::size_t queued = 0;
    std::size_t active = 0;
    std::size_t lanes = 0;
    std::uint32_t concurrency = 0;
    std::int64_t rate_per_minute = 0;
    bool suspended = false;
    std::uint64_t started_total = 0;
    std::uint64_t rate_waits_total = 0;  ///< how often work had to wait for a token
};

struct LaneStats {
    std::size_t queued = 0;
    std::size_t active = 0;
    bool held = false;
    std::optional<TimePoint> blocked_until;
};

/// Why work that is in a pool has not started.
struct StartWait {
    enum class Kind {
        suspended,
        held,
        blocked,           ///< its lane, until `until`
        lane_concurrency,  ///< as many of its lane run as may
        lane_rate,         ///< its lane's next token comes at `until`
        concurrency,       ///< every permit of the pool is taken
        rate,              ///< the pool's next token comes at `until`
        turn               ///< nothing but those before it
    };
    Kind kind = Kind::turn;
    std::optional<TimePoint> until = {};
    bool operator==(const StartWait&) const = default;
};

/// Decides which work may start: never more than `concurrency` at once, never more than the rate, lanes in
/// turn, and inside a lane first attempts and retries in turn, each in the order they came. Whoever starts
/// work calls `finish` (or `put_back`) exactly once for it. A lane that already has its share of the permits
/// waits for lanes that have not, so a slow target keeps no permit that a fast one could use. A lane with a
/// quota also starts no more than that says, counted over all pools that share it.
class Pool {
public:
    enum class Push {
        queued,
        duplicate,
        pool_full,
        lane_full,
        closed
    };  ///< `closed`: of a stopping router only
    enum class Recall { unknown, recalled, active };

    /// `quotas`: of the lanes that have their own limits; null: no lane has.
    Pool(PoolLimits limits, TimePoint now, LaneQuotas* quotas = nullptr);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    /// Called when a quota lets something start that could not.
    void on_quota_freed(std::function<void()> listener) { quota_freed_ = std::move(listener); }

    Push push(Work work, TimePoint now);
    /// Takes a permit and a token together, or neither. nullopt: nothing may start; see `next_due`.
    std::optional<Work> next(TimePoint now);
    /// When to call `next` again if nothing else happens; nullopt: only a call of this class can change it.
    std::optional<TimePoint> next_due(TimePoint now);
    void finish(std::uint64_t job);
    /// It was not sent after all: the permit returns, the work is first of its lane again, and the token
    /// returns when it was taken at this same `now` (a later return could let a minute exceed its rate).
    /// Block the lane too, or the work starts again at once.
    void put_back(std::uint64_t job, TimePoint now);

    /// Takes away what has not started; `active` work stays and must be waited for.
    Recall recall(std::uint64_t job);
    /// Takes away all that waits in the lane, in order.
    std::vector<Work> drop_lane(std::uint64_t lane);
    /// Takes away all that waits in the pool.
    std::vector<Work> drop_all();

    /// Nothing of the lane starts before `until`; a later call replaces an earlier one, a moment that has
    /// come ends it.
    void block_lane(std::uint64_t lane, TimePoint until);
    void hold_lane(std::uint64_t lane);
    void release_lane(std::uint64_t lane);
    void suspend() { suspended_ = true; }
    void resume() { suspended_ = false; }
    /// Lower concurrency takes effect as work finishes; nothing that runs is stopped.
    void set_limits(PoolLimits limits, TimePoint now);

    bool contains(std::uint64_t job) const { return jobs_.contains(job); }
    bool is_active(std::uint64_t job) const;
    bool is_idle() const { return jobs_.empty(); }
    std::size_t queued() const { return queued_; }
    std::size_t active() const { return active_.size(); }
    /// How many more `push` will take.
    std::size_t room() const;
    /// What runs now, the longest first.
    const std::list<Work>& active_work() const { return active_; }
    const PoolLimits& limits() const { return limits_; }
    PoolStats stats() const;
    LaneStats lane_stats(std::uint64_t lane) const;
    /// nullopt: it runs, or is not here.
    std::optional<StartWait> wait_of(std::uint64_t job, TimePoint now) const;

    // For LaneQuotas.
    void quota_changed(std::uint64_t lane);

private:
    enum class Ring : std::uint8_t { parked, ready, over_share };
    struct Lane {
        std::uint64_t id = 0;
        std::list<Work> first_attempts;
        std::list<Work> retries;
        std::size_t active = 0;
        bool held = false;
        bool retry_was_last = false;
        bool demands = false;  ///< may start work or runs some: counts in `share`
        Ring ring = Ring::parked;
        std::list<Lane*>::iterator place;
        std::optional<TimePoint> blocked_until;
        LaneQuota* quota = nullptr;
        std::optional<TimePoint> rate_until;  ///< when its quota has a token

        std::size_t queued() const { return first_attempts.size() + retries.size(); }
        std::list<Work>& queue_for(const Work& work) { return work.retry ? retries : first_attempts; }
        std::list<Work>& queue_in_turn();
    };
    struct Place {
        std::list<Work>::iterator work;
        bool active = false;
    };

    Lane& lane_at(std::uint64_t id);
    std::list<Lane*>& ring(Ring ring);
    std::size_t share() const;
    Lane* next_lane(TimePoint now);
    /// True when its quota lets it start; else it is parked until it may.
    bool has_quota(Lane& lane, TimePoint now);
    /// Its permit is back: tells the other pools that wait for one.
    void return_quota(LaneQuota* quota, std::uint64_t lane);
    void quota_freed(std::uint64_t lane);
    void move_to(Lane& lane, Ring ring);
    void settle(Lane& lane);
    void unblock(TimePoint now);
    void take_queue(std::list<Work>& queue, std::vector<Work>& taken);
    std::list<Work>::iterator active_at(std::uint64_t job);

    PoolLimits limits_;
    TokenBucket bucket_;
    bool suspended_ = false;
    bool waits_for_token_ = false;
    std::size_t queued_ = 0;
    std::size_t demanding_ = 0;
    std::uint64_t started_total_ = 0;
    std::uint64_t rate_waits_total_ = 0;
    std::unordered_map<std::uint64_t, Lane> lanes_;
    std::list<Lane*> parked_;
    std::list<Lane*> ready_;
    std::list<Lane*> over_share_;
    std::list<Work> active_;
    boost::unordered_flat_map<std::uint64_t, Place> jobs_;
    std::set<std::pair<TimePoint, std::uint64_t>> blocks_;
    std::set<std::pair<TimePoint, std::uint64_t>> rate_waits_;
    LaneQuotas* quotas_;
    std::function<void()> quota_freed_;
};

}  // namespace fc::router
