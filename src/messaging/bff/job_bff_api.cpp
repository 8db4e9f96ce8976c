#include "messaging/bff/job_bff_api.h"

#include "messaging/delivery/attempt.h"
#include "messaging/explain/job_facts.h"
#include "resource/tenancy.h"

#include <algorithm>

namespace fc::messaging {
http::Routes JobBffApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:dispatch-job:view"};
    http::Routes routes("/api/bff/dispatch-jobs", "BFF");
    routes.get("", "Search dispatch jobs", bind(this, &JobBffApi::list), may_read);
    routes.get(
        "/filter-options",
        "List dispatch job filter options",
        bind(this, &JobBffApi::filter_options),
        may_read);
    routes.get("/{id}", "Get a dispatch job with its attempts", bind(this, &JobBffApi::get), may_read);
    return routes;
}

Task<Result<BffPage<BffJob>>> JobBffApi::list(http::Caller caller, ListDispatchJobs request) {
    BffPage<BffJob> page(request);
    const auto found = co_await finder_.find(std::move(caller), std::move(request));
    for (const auto& row : found.value().rows) {
        page.items.push_back(
            bff_job(row.job, shown_status(*parts_.control, row.job), row.event.get(), *parts_.catalog));
    }
    page.take_counts(*found);
    co_return page;
}

Task<DispatchJobOptions> JobBffApi::filter_options(http::Caller caller, AskOptions chosen) {
    const auto seen = co_await parts_.search->types_of_jobs();
    co_return dispatch_job_options(seen, chosen, caller, *parts_.catalog);
}

Task<Result<BffJobDetail>> JobBffApi::get(http::Caller caller, JobById which) {
    const auto job = co_await parts_.messages->find_job(which.id);
    if (!job || !resource::sees(caller, job->client_id))
        co_return not_found("JOB_NOT_FOUND", "there is no dispatch job " + which.id.to_string());
    std::optional<store::EventRecord> event;
    if (job->event_id) event = co_await parts_.messages->find_event(job->event_id);
    auto attempts = co_await parts_.messages->attempts(which.id);
    const JobFactsReader reader({parts_.messages, parts_.control, parts_.catalog, parts_.clock});
    auto waits_for = co_await reader.waits_for(*job);
    BffJobDetail detail;
    static_cast<BffJob&>(detail) =
        bff_job(*job, shown_status(*parts_.control, *job), event ? &*event : nullptr, *parts_.catalog);
    detail.waits_for = std::move(waits_for);
    if (event) {
        detail.event = bff_event(*event);
        detail.event->data = {};
    }
    if (!attempts.empty())
        detail.last_attempt_at = codec::from_json<DeliveryAttempt>(attempts.back()).value().attempted_at;
    const auto first = attempts.size() - std::min(attempts.size(), BffJobDetail::attempts_max);
    detail.has_more_attempts = first > 0;
    for (auto at = first; at < attempts.size(); ++at) detail.attempts.push_back({{std::move(attempts[at])}});
    co_return detail;
}

}  // namespace fc::messaging
