#include "messaging/explain/explain_api.h"

#include "messaging/event/event.h"
#include "resource/tenancy.h"

#include <algorithm>

namespace fc::messaging {
namespace {

constexpr std::size_t shown_jobs_max = 200;

}  // namespace

http::Routes ExplainApi::routes() {
    using http::bind;
    constexpr http::Permission may_read_events{"platform:messaging:event:view"};
    constexpr http::Permission may_read_jobs{"platform:messaging:dispatch-job:view"};
    http::Routes routes("", "Explanations");
    for (const auto* path : {"/api/events/{id}/explain", "/api/bff/events/{id}/explain"})
        routes.get(path, "Explain an event", bind(this, &ExplainApi::explain_event), may_read_events);
    for (const auto* path : {"/api/dispatch/jobs/{id}/explain", "/api/bff/dispatch-jobs/{id}/explain"})
        routes.get(path, "Explain a dispatch job", bind(this, &ExplainApi::explain_job), may_read_jobs);
    return routes;
}

Task<Result<EventExplanation>> ExplainApi::explain_event(http::Caller caller, ExplainEvent which) {
    auto event = co_await parts_.messages->find_event(which.id);
    if (!event || !resource::sees(caller, event->client_id))
        co_return not_found("EVENT_NOT_FOUND", "there is no event " + which.id.to_string());
    EventFacts facts;
    facts.event = std::move(*event);
    facts.others_max = static_cast<std::size_t>(which.others.value());
    auto jobs = co_await parts_.search->jobs_of_event(which.id, store::jobs_of_event_max);
    const auto known = std::ranges::count_if(jobs, is_of_event);
    const auto missing = std::max<std::int64_t>(facts.event.job_count - known, 0);
    (jobs.size() == store::jobs_of_event_max ? facts.unread_jobs : facts.removed_jobs) = missing;
    std::erase_if(jobs, [&](const store::JobRecord& job) { return !resource::sees(caller, job.client_id); });
    for (auto& job : jobs) {
        if (facts.jobs.size() == shown_jobs_max) {
            facts.further_jobs.push_back(std::move(job));
            continue;
        }
        auto read = co_await facts_.read(std::move(job));
        facts.jobs.push_back(std::move(read));
    }
    facts.subscriptions = parts_.catalog->subscriptions().all(caller);
    co_return explain(facts);
}

Task<Result<JobExplanation>> ExplainApi::explain_job(http::Caller caller, ExplainJob which) {
    auto job = co_await parts_.messages->find_job(which.id);
    if (!job || !resource::sees(caller, job->client_id))
        co_return not_found("JOB_NOT_FOUND", "there is no dispatch job " + which.id.to_string());
    const auto facts = co_await facts_.read(std::move(*job));
    co_return explain(facts);
}

}  // namespace fc::messaging
