#pragma once

#include "store/records.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

namespace fc::scheduler {

/// A job in memory.
struct HeldJob : store::ReadyJob {
    explicit HeldJob(store::ReadyJob&& job) : ReadyJob(std::move(job)) {}
    std::string pool_key;    ///< where it was handed over
    TimePoint started_at{};  ///< when its delivery began last
};
using JobPtr = std::shared_ptr<HeldJob>;

/// How much of the backlog may be in memory; the rest waits in the store.
struct LaneLimits {
    std::size_t jobs_per_lane = 1'000;
    std::size_t jobs = 20'000;
    std::size_t bytes = 64U << 20U;
    std::size_t lane_minimum = 8;   ///< what each lane may hold even when all others are full
    Millis wait_in_memory{60'000};  ///< longer waits are read again from the store
};

/// A request to read more of a lane from the store.
struct Refill {
    store::LaneKey lane;
    store::DueCursor cursor;
    std::size_t limit = 0;
};

/// Which ready jobs are in memory and where each stands. Decides, does nothing: no I/O, no clock, io thread
/// only. What it does not keep is found again in the store, by time and id after the lane's cursor: whatever
/// is ready at or before the cursor is here, because times in the store only grow in the order of its
/// commits.
class LaneBook {
public:
    enum class State { handed_over, in_flight, waiting };

    /// `is_held`: asked for a lane that is new here.
    explicit LaneBook(LaneLimits limits = {}, std::function<bool(store::LaneKey)> is_held = {})
        : limits_(limits),
          is_held_(std::move(is_held)) {}

    /// A job that the store made ready. The job to hand over now; null when it waits, is held or stays in the
    /// store.
    JobPtr ready(store::ReadyJob&& job, TimePoint now);
    /// What a refill found: the jobs to hand over now. `refill` is what was asked.
    std::vector<JobPtr> refilled(const Refill& refill, store::DueJobs due, TimePoint now);
    /// Waits in memory that are over: the jobs to hand over now.
    std::vector<JobPtr> take_due(TimePoint now);
    /// The next lane to read from the store; it counts as being read until `refilled` or `refill_failed`.
    std::optional<Refill> next_refill(TimePoint now);
    void refill_failed(const Refill& refill);
    /// When `take_due` or `next_refill` will have something without anything else happening.
    std::optional<TimePoint> next_wake() const;

    /// The delivery begins. False when the job was taken back meanwhile: then nothing may be sent.
    bool start(Tsid job);
    /// The job is back in line without an attempt (its lane was blocked).
    void put_back(Tsid job);
    /// The outcome is in the store: the job waits until `until`, or has ended.
    void wait(const store::JobRecord& job, TimePoint now);
    void end(Tsid job);

    /// Forgets a lane's jobs that are not in flight, and keeps what comes out of memory until `release`.
    /// Returns those that were handed over: the router must give them back.
    std::vector<JobPtr> hold(store::LaneKey lane);
    void release(store::LaneKey lane);
    /// The lanes known here, of one owner: all that may have ready jobs.
    std::vector<store::LaneKey> lanes_of(Tsid owner) const;
    std::vector<store::LaneKey> lanes() const;

    /// Takes a job back for an operator's retry or cancel, and keeps it out until each `exclude` was followed
    /// by its `readmit`: two requests may be under way at once. False: it is in flight.
    bool exclude(Tsid job);
    void readmit(Tsid job, store::LaneKey lane);

    std::optional<State> state(Tsid job) const;
    /// The job, when it is in memory; else null.
    JobPtr find(Tsid job) const;
    /// All that stand there, in no order.
    std::vector<JobPtr> in(State state) const;
    bool wants_refill() const { return !wanting_.empty(); }
    /// All lanes known to hold jobs, in memory or in the store: for recovery.
    void recover(const std::vector<store::LaneKey>& lanes);
    std::size_t size() const { return jobs_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        JobPtr job;
        State state = State::handed_over;
    };
    struct Lane {
        boost::unordered_flat_set<Tsid, std::hash<Tsid>> jobs;
        bool held = false;
        bool backlog = false;  ///< the store may have due jobs after the cursor
        bool refilling = false;
        bool skipped = false;    ///< a ready job was left in the store while a refill was on its way
        bool restarted = false;  ///< the cursor was reset while a refill was on its way
        store::DueCursor cursor;
        std::optional<TimePoint> next_due;  ///< the earliest wait that only the store knows
    };

    Lane& lane_at(store::LaneKey key);
    /// How many more jobs of the lane may be in memory.
    std::size_t room(const Lane& lane) const;
    bool has_room(const Lane& lane) const;
    JobPtr keep(Lane& lane, store::ReadyJob&& job, State state);
    void drop(Tsid job);
    void forget_if_idle(store::LaneKey key, const Lane& lane);
    void leave_in_store(store::LaneKey key, Lane& lane, TimePoint due, TimePoint now);
    void want_refill(store::LaneKey key, Lane& lane);
    void set_next_due(store::LaneKey key, Lane& lane, std::optional<TimePoint> due);
    void restart(store::LaneKey key, Lane& lane);

    LaneLimits limits_;
    std::function<bool(store::LaneKey)> is_held_;
    boost::unordered_flat_map<Tsid, Entry, std::hash<Tsid>> jobs_;
    std::map<store::LaneKey, Lane> lanes_;    ///< those that may have jobs, by owner
    std::unordered_multiset<Tsid> excluded_;  ///< once for each operator's request under way
    std::multimap<TimePoint, Tsid> waits_;
    std::set<store::LaneKey> wanting_;
    std::set<std::pair<TimePoint, store::LaneKey>> due_lanes_;
    std::size_t bytes_ = 0;
};

}  // namespace fc::scheduler
