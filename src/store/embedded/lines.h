#pragma once

#include "store/embedded/job_table.h"

#include <optional>

namespace fc::store::sqlite {

/// Order inside message groups (design 3.1). The group record is derived: at most one member of a line is
/// `ready`; without one the first member is an error that blocks the others, and else it would be ready.
/// Before a ready member stand only jobs that an operator sent again meanwhile.
class Lines {
public:
    explicit Lines(JobTable& jobs) : jobs_(jobs), position_(jobs.position_max()) {}

    /// Gives a new job its place, before it is inserted: ready when nobody stands before it.
    void enter(JobRecord& job, TimePoint now);
    /// Puts a dead job back at its place and stores it. The job that is ready now and was not before: this
    /// one or one before it. `recalled_head`: the ready job of its group, taken back by the scheduler, which
    /// waits if it stands behind.
    std::optional<JobRecord> enter_again(JobRecord& job, std::optional<Tsid> recalled_head, TimePoint now);
    /// True when the others of its line wait because of this job: it is ready, or the first and an error.
    bool leads(const JobRecord& job);
    /// A line whose leader left it, or became an error: its next job, now ready; nullopt when the line is
    /// empty or blocked.
    std::optional<JobRecord> open_next(const JobRecord& member, TimePoint now);

private:
    JobTable& jobs_;
    std::int64_t position_;
};

}  // namespace fc::store::sqlite
