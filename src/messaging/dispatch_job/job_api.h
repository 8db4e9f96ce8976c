#pragma once

#include "http/answers.h"
#include "http/egress.h"
#include "http/routes.h"
#include "messaging/catalog.h"
#include "messaging/delivery/attempt.h"
#include "messaging/dispatch_job/job_control.h"
#include "messaging/dispatch_job/job_view.h"
#include "store/message_log.h"

namespace fc::messaging {

struct JobById {
    Id<store::JobRecord> id;
};
BOOST_DESCRIBE_STRUCT(JobById, (), (id))

struct ListJobs {
    std::optional<store::JobStatus> status;
    std::optional<Tsid> subscription_id;
    std::optional<Tsid> event_id;
    std::optional<Tsid> client_id;
    std::string message_group;
    Bounded<0, 1'000'000> page = 0;
    Bounded<1, 100> size = 20;
};
BOOST_DESCRIBE_STRUCT(ListJobs, (), (status, subscription_id, event_id, client_id, message_group, page, size))

/// `/api/dispatch/jobs`: what became of each match, and jobs that are made without one.
class JobApi {
public:
    struct Parts {
        store::MessageLog* messages;
        JobControl* control;
        const Catalog* catalog;
        const Clock* clock;
        TsidGenerator* ids;
        const http::EgressFilter* egress;
    };
    explicit JobApi(Parts parts) : parts_(parts) {}
    http::Routes routes();

private:
    Task<Result<http::Created<JobView>>> create(http::Request request, CreateJob body);
    Task<Result<http::Page<JobView>>> list(http::Caller caller, ListJobs query);
    Task<Result<JobView>> get(http::Caller caller, JobById which);
    Task<Result<http::Page<RawJson>>> attempts(http::Caller caller, JobById which);
    Task<Result<JobView>> retry(http::Caller caller, JobById which);
    Task<Result<JobView>> cancel(http::Caller caller, JobById which);

    /// JOB_NOT_FOUND when it is not there or another tenant's.
    Task<Result<store::JobRecord>> find(http::Caller caller, Tsid id);
    Task<JobView> view(store::JobRecord job);
    Result<store::JobRecord> make_job(CreateJob body, const http::Caller& caller, Tsid client_id) const;

    Parts parts_;
};

}  // namespace fc::messaging
