#pragma once

#include "base/error.h"
#include "messaging/dispatch_job/live_job.h"
#include "runtime/task.h"
#include "store/records.h"
#include "store/search.h"

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// What only the process that hands jobs over knows and may do. The scheduler is one.
class JobControl {
public:
    virtual ~JobControl() = default;
    /// Where an open job stands in memory.
    virtual LiveJob live(Tsid job) const = 0;
    /// The ids of the queued and in_progress jobs, as `statuses` says, ascending. Of the query also count
    /// tenants, owners, event and group.
    virtual std::vector<Tsid> live_jobs(const store::JobQuery& query) const = 0;
    /// queued or in_progress while the job is in the hands of the router; nullopt: see the stored state.
    std::optional<store::JobStatus> live_status(Tsid job) const { return status_of(live(job)); }
    /// Sends a dead job again, or a waiting one at once. JOB_NOT_FOUND; JOB_IN_PROGRESS while it is being
    /// delivered.
    virtual Task<Result<store::JobRecord>> retry(Tsid job, store::Resend resend) = 0;
    /// Ends an open job, or skips the error that blocks its group. JOB_NOT_FOUND; JOB_ALREADY_ENDED;
    /// JOB_IN_PROGRESS.
    virtual Task<Result<store::JobRecord>> cancel(Tsid job, std::string reason) = 0;
};

/// The state of a job as it is shown: where it is now, if it has not ended.
inline store::JobStatus shown_status(const JobControl& control, const store::JobRecord& job) {
    if (job.status != store::JobStatus::pending) return job.status;
    return control.live_status(job.id).value_or(job.status);
}

}  // namespace fc::messaging
