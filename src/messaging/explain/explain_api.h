#pragma once

#include "http/routes.h"
#include "messaging/explain/explain.h"
#include "messaging/explain/job_facts.h"
#include "store/search.h"

#include <boost/describe/class.hpp>

namespace fc::messaging {

struct ExplainEvent {
    Id<store::EventRecord> id;
    Bounded<0, 1'000> others = 50;  ///< how many of the subscriptions that did not match are shown
};
BOOST_DESCRIBE_STRUCT(ExplainEvent, (), (id, others))

struct ExplainJob {
    Id<store::JobRecord> id;
};
BOOST_DESCRIBE_STRUCT(ExplainJob, (), (id))

/// `/api/events/{id}/explain` and `/api/dispatch/jobs/{id}/explain`: what became of it, and why; only what
/// the caller may see.
class ExplainApi {
public:
    struct Parts {
        store::MessageLog* messages;
        store::Search* search;
        const JobControl* control;
        const Catalog* catalog;
        const Clock* clock;
    };
    explicit ExplainApi(Parts parts)
        : parts_(parts),
          facts_({parts.messages, parts.control, parts.catalog, parts.clock}) {}
    http::Routes routes();

private:
    Task<Result<EventExplanation>> explain_event(http::Caller caller, ExplainEvent which);
    Task<Result<JobExplanation>> explain_job(http::Caller caller, ExplainJob which);

    Parts parts_;
    JobFactsReader facts_;
};

}  // namespace fc::messaging
