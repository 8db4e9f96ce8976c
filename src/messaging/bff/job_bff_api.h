#pragma once

#include "messaging/bff/event_bff_api.h"
#include "messaging/dispatch_job/job_api.h"

namespace fc::messaging {

/// A job with each request that was made for it, of which the last `attempts_max`, and its event without the
/// data.
struct BffJobDetail : BffJob {
    static constexpr std::size_t attempts_max = 100;
    std::vector<StoredAttempt> attempts;
    bool has_more_attempts = false;  ///< earlier ones, which `/api/dispatch/jobs/{id}/attempts` lists
    std::optional<BffEvent> event;
};
BOOST_DESCRIBE_STRUCT(BffJobDetail, (BffJob), (attempts, has_more_attempts, event))

/// `/api/bff/dispatch-jobs`: the same for jobs.
class JobBffApi {
public:
    explicit JobBffApi(BffParts parts)
        : parts_(parts),
          finder_({parts.search, parts.control, parts.catalog}) {}
    http::Routes routes();

private:
    Task<Result<BffPage<BffJob>>> list(http::Caller caller, ListDispatchJobs request);
    Task<DispatchJobOptions> filter_options(http::Caller caller, AskOptions chosen);
    Task<Result<BffJobDetail>> get(http::Caller caller, JobById which);

    BffParts parts_;
    JobFinder finder_;
};

}  // namespace fc::messaging
