#pragma once

#include "store/embedded/job_table.h"
#include "store/embedded/line_memory.h"
#include "store/embedded/unsaved_heads.h"

#include <optional>

namespace fc::store::sqlite {

/// Order inside message groups (design 3.1). The group record is derived: at most one member of a line is
/// its head, `ready`; without one the first member is an error that blocks the others. Before a head stand
/// only jobs that an operator sent again meanwhile.
///
/// That a job became the head is written down late: when somebody asks the rows (`save`), or never, because
/// it ended first. After a death of the process it is found again: it stands first.
class Lines {
public:
    explicit Lines(JobTable& jobs);

    enum class Place { ready, waiting, duplicate };
    /// Gives a new job its place and stores it. Ready: nobody stands before it. Waiting: it may be kept here,
    /// and taken away. Duplicate: its client already used its idempotency key, nothing was stored.
    Place insert(JobRecord& job, TimePoint now);
    /// A line whose leader left it, or became an error: its next job, now ready; nullopt when the line is
    /// empty or blocked.
    std::optional<JobRecord> open_next(const JobRecord& member, TimePoint now);
    /// The head's row was written.
    void saved(Tsid head) { unsaved_.remove(head); }

    /// Makes the rows say which jobs are ready.
    void save(TimePoint now);
    /// The same before members of lines are changed in their rows by others than the head that ends.
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
    JobRecord make_head(JobRecord job, TimePoint now);

    JobTable& jobs_;
    std::int64_t position_;
    LineMemory memory_;
    UnsavedHeads unsaved_;
    bool recovered_ = false;
    bool recovers_ = false;  ///< in this commit
};

}  // namespace fc::store::sqlite
