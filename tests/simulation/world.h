#pragma once

#include "base/id.h"
#include "mem_vfs.h"
#include "router/pool.h"
#include "scheduler/lane_book.h"
#include "store/embedded/committer.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace fc::simulation {

/// What the model knows of one job: the truth that the product is held against.
struct JobFact {
    std::size_t lane = 0;
    std::string group;
    std::int64_t sequence = 0;  ///< order of submission
    bool acknowledged = false;  ///< its append was answered
    bool ended = false;         ///< its terminal outcome was committed
    bool succeeded = false;
    bool blocks = false;          ///< ended in an error that holds back its group
    bool retried = false;         ///< by an operator: goes first in its group, out of order by request
    bool resend_allowed = false;  ///< a power cut may have lost the outcome
    bool purged = false;          ///< by retention, or will be
};

/// A subscription: one lane in one pool.
struct LaneFact {
    store::LaneKey key;
    store::DispatchMode mode = store::DispatchMode::next_on_error;
    std::size_t pool = 0;
    bool held = false;
    router::LaneLimits limits;
    std::deque<TimePoint> sent;  ///< of the last minute, since its limits were set
    std::size_t in_flight = 0;
};

struct PoolFact {
    router::PoolLimits limits;
    std::unique_ptr<router::Pool> pool;
    std::deque<TimePoint> sent;  ///< of the last minute
    std::size_t in_flight = 0;
};

/// The product's own order, hand-over, recovery and pools around a simulated disk, clock and receiver. One
/// seed is one history of random arrivals, outcomes, holds, operators, disk errors, process deaths and power
/// cuts.
class World {
public:
    /// `tells`: prints what happens, for one seed that is looked at.
    World(MemDisk& disk, std::uint64_t seed, bool tells = false);
    ~World();
    /// Runs the steps, lets everything come to rest, and returns what rule was broken, if one was.
    std::optional<std::string> run(int steps);

private:
    enum class Result { success, retry, rejected, not_yet };
    using Work = std::function<void(store::sqlite::Transaction&)>;
    using Done = std::function<void(bool stored)>;

    // Choices
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    bool chance(int percent) { return pick(100) < static_cast<std::uint64_t>(percent); }
    void step();
    void come_to_rest();

    // The process
    void start();
    void recover();
    void die(bool power_cut);
    void submit(Work work, Done done, store::sqlite::Durability durability);
    void commit(bool answers);
    void read_back(bool power_cut);

    // What happens to it
    void append();
    void pump();
    void receive(std::size_t at, Result result);
    void settle(store::Settlement settlement, bool success);
    void hand_over(const scheduler::JobPtr& job);
    void refill();
    void hold(std::size_t lane);
    void release(std::size_t lane);
    router::LaneLimits some_limits();
    void limit(std::size_t lane);
    void operate();
    void retry(Tsid job);
    void cancel(Tsid job);
    void skip_blocking();
    void purge(store::PurgeRequest::What what);

    void tell(const char* what, Tsid job) const;

    // Rules
    void violated(std::string what);
    void check_send(const store::JobRecord& job);
    void check_order(const store::JobRecord& job, const JobFact& fact);
    void check_rate(std::deque<TimePoint>& sent, std::int64_t rate_per_minute, const char* broken);
    void check_rest();

    MemDisk& disk_;
    std::mt19937_64 random_;
    bool tells_;
    ManualClock clock_;
    TsidGenerator ids_{clock_};
    std::vector<LaneFact> lanes_;
    router::LaneQuotas quotas_;
    std::vector<PoolFact> pools_;
    std::map<Tsid, JobFact> jobs_;
    std::int64_t sequence_ = 0;
    std::optional<std::string> violation_;

    std::unique_ptr<store::sqlite::Connection> connection_;
    std::unique_ptr<store::sqlite::Committer> committer_;
    std::unique_ptr<scheduler::LaneBook> book_;
    std::vector<std::unique_ptr<store::sqlite::WriteOp>> queue_;
    std::vector<scheduler::JobPtr> in_flight_;
};

/// Opens the store of the simulation on the disk.
std::unique_ptr<store::sqlite::Connection> open_store();

}  // namespace fc::simulation
