#pragma once

#include "messaging/bff/event_bff_api.h"
#include "messaging/dispatch_job/job_api.h"

namespace fc::messaging {

/// A job with each request that was made for it, of which the last `attempts_max`, and its event without the
/// data.
struct BffJobDetail : BffJob {
    static constexpr std::size_t attempts_max = 100;
    std::vector<StoredAttempt> attempts;
    std::optional<BffEvent> event;
};
BOOST_DESCRIBE_STRUCT(BffJobDetail, (BffJob), (attempts, event))

/// `/api/bff/dispatch-jobs`: the same for jobs. The store knows jobs in the router's hands as pending; the
/// scheduler knows where they are.
class JobBffApi {
public:
    explicit JobBffApi(BffParts parts) : parts_(parts) {}
    http::Routes routes();

private:
    Task<Result<BffPage<BffJob>>> list(http::Caller caller, ListDispatchJobs request);
    Task<DispatchJobOptions> filter_options(http::Caller caller, AskOptions chosen);
    Task<Result<BffJobDetail>> get(http::Caller caller, JobById which);

    /// Jobs in the router's hands, where nothing is asked for that the scheduler does not know.
    Task<store::Found<store::JobRow>> find_live(store::JobQuery query, ListDispatchJobs request);
    /// Where nobody can tell which rows fit: they are looked at one by one, within a bound.
    Task<store::Found<store::JobRow>> find_narrowed(store::JobQuery query, ListDispatchJobs request);
    Task<store::Found<store::JobRow>> find(store::JobQuery query, ListDispatchJobs request);
    bool fits(const store::JobRecord& job, const ListDispatchJobs& request) const;

    BffParts parts_;
};

}  // namespace fc::messaging
