#pragma once

#include "http/routes.h"
#include "messaging/bff/bff_views.h"
#include "messaging/bff/filter_options.h"
#include "messaging/dispatch_job/job_control.h"
#include "messaging/event/event_api.h"
#include "store/message_log.h"

namespace fc::messaging {

/// What the lists of events and of jobs are read from. They outlive the APIs.
struct BffParts {
    store::MessageLog* messages;
    store::Search* search;
    const JobControl* control;
    const Catalog* catalog;
    const Clock* clock;
};

/// An event with what became of it; of its jobs the first `jobs_max`.
struct BffEventDetail : BffEvent {
    static constexpr std::size_t jobs_max = 100;
    std::vector<BffJob> dispatch_jobs;
    bool has_more_jobs = false;  ///< further ones, which `/api/dispatch/jobs?eventId=` lists
};
BOOST_DESCRIBE_STRUCT(BffEventDetail, (BffEvent), (dispatch_jobs, has_more_jobs))

/// `/api/bff/events`: lists for people, made straight from the store, so that an event is listed as soon as
/// it was accepted.
class EventBffApi {
public:
    explicit EventBffApi(BffParts parts) : parts_(parts) {}
    http::Routes routes();

private:
    Task<BffPage<BffEvent>> list(http::Caller caller, ListEvents request);
    Task<EventOptions> filter_options(http::Caller caller, AskOptions chosen);
    Task<Result<BffEventDetail>> get(http::Caller caller, EventById which);

    BffParts parts_;
};

}  // namespace fc::messaging
