#pragma once

#include "store/embedded/job_table.h"

#include <optional>

namespace fc::store::sqlite {

/// Order inside message groups (design 3.1). The group record is derived: its head is the member of the line
/// with the lowest position, `ready` marks the one that may start, and an error that blocks stays in the
/// line.
class Lines {
public:
    explicit Lines(JobTable& jobs) : jobs_(jobs), position_(jobs.position_max()) {}

    /// Gives a new job its place, before it is inserted: ready when nobody stands before it.
    void enter(JobRecord& job, TimePoint now);
    /// The group of `left`, which was just taken out of its line: its next job, now ready; nullopt when the
    /// line is empty, blocked, or has a ready job already.
    std::optional<JobRecord> open_next(const JobRecord& left, TimePoint now);
    /// Puts a dead job back at its place; true when it may start at once.
    /// `recalled_head`: the ready job of its group, taken back by the scheduler, which then has to wait
    /// behind it.
    bool enter_again(JobRecord& job, std::optional<Tsid> recalled_head, TimePoint now);

private:
    JobTable& jobs_;
    std::int64_t position_;
};

}  // namespace fc::store::sqlite
