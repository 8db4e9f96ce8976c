#pragma once

#include "messaging/dispatch_job/job_control.h"
#include "messaging/explain/job_cause.h"
#include "store/message_log.h"

namespace fc::messaging {

/// Asks the store, the catalog and the scheduler for what the cause of a job depends on.
class JobFactsReader {
public:
    struct Parts {
        store::MessageLog* messages;
        const JobControl* control;
        const Catalog* catalog;
        const Clock* clock;
    };
    explicit JobFactsReader(Parts parts) : parts_(parts) {}

    Task<JobFacts> read(store::JobRecord job) const;
    /// What an open job waits for; nullopt: it has ended.
    Task<std::optional<JobCause>> waits_for(store::JobRecord job) const;

private:
    Parts parts_;
};

}  // namespace fc::messaging
