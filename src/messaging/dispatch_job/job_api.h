#pragma once

#include "http/answers.h"
#include "http/egress.h"
#include "http/routes.h"
#include "messaging/batch.h"
#include "messaging/catalog.h"
#include "messaging/delivery/attempt.h"
#include "messaging/dispatch_job/job_control.h"
#include "messaging/dispatch_job/job_finder.h"
#include "messaging/dispatch_job/job_view.h"
#include "messaging/list_page.h"
#include "store/message_log.h"
#include "store/search.h"

namespace fc::messaging {

struct JobById {
    Id<store::JobRecord> id;
};
BOOST_DESCRIBE_STRUCT(JobById, (), (id))

/// What is done with a job, and why: shown with it.
struct ActOnJob {
    Id<store::JobRecord> id;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ActOnJob, (), (id, reason))

struct JobBatchView {
    std::vector<JobView> jobs;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(JobBatchView, (), (jobs, count))

/// The body of a batch, for the API document.
struct JobBatch {};

struct JobPage : BffPage<JobView> {
    using BffPage::BffPage;
};
BOOST_DESCRIBE_STRUCT(JobPage, (BffPage<JobView>), ())

/// `/api/dispatch/jobs`: what became of each match, and jobs that are made without one.
class JobApi {
public:
    struct Parts {
        store::MessageLog* messages;
        store::Search* search;
        JobControl* control;
        const Catalog* catalog;
        const Clock* clock;
        TsidGenerator* ids;
        const http::EgressFilter* egress;
    };
    explicit JobApi(Parts parts) : parts_(parts), finder_({parts.search, parts.control, parts.catalog}) {}
    http::Routes routes();

private:
    Task<Result<http::Created<JobView>>> create(http::Request request, CreateJob body);
    Task<http::Response> create_batch(http::Request request);
    Task<Result<JobPage>> list(http::Caller caller, ListDispatchJobs request);
    Task<Result<JobView>> get(http::Caller caller, JobById which);
    Task<Result<http::Page<StoredAttempt>>> attempts(http::Caller caller, JobById which);
    Task<Result<JobView>> retry(http::Caller caller, ActOnJob which);
    Task<Result<JobView>> cancel(http::Caller caller, ActOnJob which);

    /// JOB_NOT_FOUND when it is not there or another tenant's.
    Task<Result<store::JobRecord>> find(http::Caller caller, Tsid id);
    Task<JobView> view(store::JobRecord job);
    JobView view(const store::JobRecord& job, const store::EventRecord* event) const;
    /// The same with what its attempts say.
    Task<JobView> full_view(store::JobRecord job);
    /// The job that a body describes, not stored yet; what it leaves out is its event's.
    Task<Result<store::JobRecord>> prepare(http::Request request, CreateJob body);
    Result<store::JobRecord> make_job(CreateJob body, const http::Caller& caller, Tsid client_id) const;
    /// Stores the jobs; the views in their order, a duplicate's as it is stored.
    Task<std::vector<JobView>> accept(std::vector<store::JobRecord> jobs);

    Parts parts_;
    JobFinder finder_;
};

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::ActOnJob> {
    static void check(const fc::messaging::ActOnJob& body, Faults<fc::messaging::ActOnJob>& faults);
};

/// Lists of the API call it `total`.
template <>
struct fc::codec::Rules<fc::messaging::JobPage> {
    static constexpr auto names = std::tuple{spelling(&fc::messaging::JobPage::total_items, "total")};
};

template <>
struct fc::codec::Traits<fc::messaging::JobBatch> {
    static std::string schema(Schemas& schemas) {
        return messaging::batch_schema<messaging::CreateJob>(schemas, "jobs");
    }
};
