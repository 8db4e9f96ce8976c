#pragma once

#include "base/error.h"
#include "runtime/task.h"
#include "store/records.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fc::store {

/// Events and dispatch jobs: time and order live here, the queue only wakes the router (design section 3).
/// Called on the io thread. Each write is one commit, shared with whoever else is waiting for one, and is
/// durable when its task ends; a write that cannot be stored throws boost::system::system_error (an Outage
/// when it may be asked again) and changed nothing.
class MessageLog {
public:
    /// Told on the io thread, after the commit that made them ready, of jobs that may start.
    using ReadySink = std::function<void(std::vector<ReadyJob>)>;

    virtual ~MessageLog() = default;
    virtual void on_ready(ReadySink sink) = 0;

    /// Stores events and their jobs, all or none. An event whose deduplication id its client already used is
    /// left out and answered with the stored one.
    virtual Task<std::vector<Appended>> append(std::vector<NewEvent> events) = 0;
    /// The same for jobs made by API or by a replay, by idempotency key. A replay counts among its event's
    /// jobs; one whose event was purged is not stored, and answered with id 0.
    virtual Task<std::vector<Appended>> add_jobs(std::vector<JobRecord> jobs) = 0;
    /// Ends or postpones a job; makes its group's next head ready. A job that is no longer open keeps its
    /// state, and only the attempt is written down.
    virtual Task<> settle(std::shared_ptr<const Settlement> settlement) = 0;

    /// Sends a job again: a dead one stands at its old place in its group; a waiting one becomes due.
    /// `recalled_head` is the group's head when the scheduler took it back for this. NOT_FOUND when there is
    /// no such job.
    virtual Task<Result<JobRecord>> retry(Tsid job, std::optional<Tsid> recalled_head, Resend resend) = 0;
    /// Cancels an open job, or the error that blocks its group. NOT_CANCELLABLE when it already ended.
    virtual Task<Result<JobRecord>> cancel(Tsid job, std::string reason) = 0;
    /// Cancels up to `limit` open jobs of an owner; returns how many there were.
    virtual Task<std::size_t> cancel_of_owner(Tsid owner, std::string reason, std::size_t limit) = 0;
    /// What stands first in the group of `job`: the ready one, or the error that blocks the group.
    virtual Task<std::optional<JobRecord>> leader_of_group(Tsid job) = 0;

    /// Ready jobs of a lane whose time has come, after `cursor` in order of (next attempt, id).
    virtual Task<DueJobs> due(LaneKey lane, DueCursor cursor, std::size_t limit) = 0;
    /// Lanes that have a ready job: what recovery asks for.
    virtual Task<std::vector<LaneKey>> lanes() = 0;

    virtual Task<std::optional<EventRecord>> find_event(Tsid id) = 0;
    virtual Task<std::optional<JobRecord>> find_job(Tsid id) = 0;
    /// JSON of each delivery attempt, oldest first.
    virtual Task<std::vector<std::string>> attempts(Tsid job) = 0;
    virtual Task<Verification> verify() = 0;
    virtual Task<TallySheet> tallies() = 0;

    /// Deletes the oldest rows that had their time, a bounded number; no tally is lowered.
    virtual Task<Purged> purge(PurgeRequest request) = 0;
};

}  // namespace fc::store
