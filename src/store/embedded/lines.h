#pragma once

#include "store/embedded/job_table.h"
#include "store/embedded/line_index.h"
#include "store/embedded/line_memory.h"
#include "store/embedded/tallies.h"
#include "store/embedded/unsaved_heads.h"

#include <deque>
#include <optional>

namespace fc::store::sqlite {

/// What is kept in memory instead of written down.
struct LineLimits {
    std::size_t memory_bytes = 8U << 20U;
    std::size_t unsaved_heads = 2'000;  ///< more than that are saved together: 10 ms of work
    /// A member that still stands in its line after so many steps of so many inserts enters the index. A
    /// start looks at as many rows, and one step more.
    std::size_t index_step = 1'000;
    std::size_t index_steps = 10;
};

/// Order inside message groups (design 3.1). The group record is derived: at most one member of a line is
/// its head, `ready`; without one the first member is an error that blocks the others. Before a head stand
/// only jobs that an operator sent again meanwhile.
///
/// That a job became the head is written down late: when somebody asks the rows (`save`), or never, because
/// it ended first. After a death of the process it is found again: it stands first.
///
/// Nor does the index of lines have every member. Those that it has not are all of lines in memory, and all
/// younger than a mark in the store: after a death they are found behind it.
class Lines {
public:
    Lines(Connection& connection, JobTable& jobs, Tallies& tallies, const LineLimits& limits);

    /// First of all in each transaction.
    void begin();

    enum class Place { ready, waiting, duplicate };
    /// Gives a new job its place and stores it. Ready: nobody stands before it. Waiting: it may be kept here,
    /// and taken away. Duplicate: its client already used its idempotency key, nothing was stored.
    Place insert(JobRecord& job, TimePoint now);
    /// A line whose leader left it, or stays as an error: its next job, now ready; nullopt when the line is
    /// empty or blocked.
    std::optional<JobRecord> open_next(const JobRecord& member, bool stays, TimePoint now);
    /// The head's row was written.
    void saved(Tsid head) { unsaved_.remove(head); }

    /// Makes the rows say which jobs are ready.
    void save(TimePoint now);
    /// The first of the member's line that is ready, or an error.
    std::optional<JobRecord> leader(const JobRecord& member, TimePoint now);
    /// `save`, before members of lines are changed in their rows by others than the head that ends.
    void save_and_forget(TimePoint now);

    /// After `save_and_forget`. Puts a dead job back at its place and stores it. The job that is ready now
    /// and was not before: this one or one before it. `recalled_head`: the ready job of its group, taken back
    /// by the scheduler, which waits if it stands behind.
    std::optional<JobRecord> enter_again(JobRecord& job, std::optional<Tsid> recalled_head, TimePoint now);
    /// After `save_and_forget`. True when the others of its line wait because of this job: it is ready, or
    /// the first and an error.
    bool leads(const JobRecord& job);

    const UnsavedHeads& unsaved() const { return unsaved_; }
    void commit();
    void roll_back();

private:
    /// What a process that died had not saved.
    void recover(TimePoint now);
    /// `save`, and the index has all members.
    void save_lines(TimePoint now);
    void make_head(JobRecord& job, TimePoint now);
    /// Into the index.
    void enter_through(std::int64_t id);
    void enter(const Line& line);
    void count_insert(Tsid job);

    LineIndex index_;
    JobTable& jobs_;
    Tallies& tallies_;
    LineLimits limits_;
    std::int64_t position_;
    LineMemory memory_;
    UnsavedHeads unsaved_;
    std::int64_t indexed_through_ = 0;    ///< the index has all members of lines with ids up to this
    std::int64_t newest_ = 0;             ///< the greatest id of a job
    std::size_t inserts_ = 0;             ///< since the newest of `waypoints_`
    std::deque<std::int64_t> waypoints_;  ///< `newest_` every so many inserts
    bool memory_is_lost_ = true;          ///< before the first transaction, and after one that failed
    bool recovered_ = false;
    bool recovers_ = false;  ///< in this commit
};

}  // namespace fc::store::sqlite
