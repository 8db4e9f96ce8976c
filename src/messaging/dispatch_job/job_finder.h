#pragma once

#include "messaging/dispatch_job/job_control.h"
#include "messaging/list_request.h"
#include "store/search.h"

namespace fc::messaging {

/// What lists of jobs show. The store knows jobs in the router's hands as pending; the scheduler knows which
/// these are.
class JobFinder {
public:
    struct Parts {
        store::Search* search;
        const JobControl* control;
        const Catalog* catalog;
    };
    explicit JobFinder(Parts parts) : parts_(parts) {}
    /// An Error names what cannot be asked for.
    Task<Result<store::Found<store::JobRow>>> find(http::Caller caller, ListDispatchJobs request) const;

private:
    Parts parts_;
};

}  // namespace fc::messaging
