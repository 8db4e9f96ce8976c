#include "messaging/bff/event_bff_api.h"

#include "resource/tenancy.h"

namespace fc::messaging {

http::Routes EventBffApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:event:view"};
    http::Routes routes("/api/bff/events", "BFF");
    routes.get("", "Search events", bind(this, &EventBffApi::list), may_read);
    routes.get(
        "/filter-options", "List event filter options", bind(this, &EventBffApi::filter_options), may_read);
    routes.get("/{id}", "Get an event with its dispatch jobs", bind(this, &EventBffApi::get), may_read);
    return routes;
}

Task<BffPage<BffEvent>> EventBffApi::list(http::Caller caller, ListEvents request) {
    BffPage<BffEvent> page(request);
    auto query = query_of(request, caller);
    if (!query) co_return page;
    const auto found = co_await parts_.search->events(std::move(*query), page_request(request));
    for (const auto& event : found.rows) page.items.push_back(bff_event_row(event));
    page.take_counts(found);
    co_return page;
}

Task<EventOptions> EventBffApi::filter_options(http::Caller caller, AskOptions chosen) {
    const auto seen = co_await parts_.search->types_of_events();
    co_return event_options(seen, chosen, caller);
}

Task<Result<BffEventDetail>> EventBffApi::get(http::Caller caller, EventById which) {
    const auto event = co_await parts_.messages->find_event(which.id);
    if (!event || !resource::sees(caller, event->client_id))
        co_return not_found("EVENT_NOT_FOUND", "there is no event " + which.id.to_string());
    BffEventDetail detail;
    static_cast<BffEvent&>(detail) = bff_event(*event);
    const auto jobs = co_await parts_.search->jobs_of_event(which.id, store::jobs_of_event_max);
    for (const auto& job : jobs) {
        // A subscription of the platform sees every tenant's events; its jobs are the platform's business.
        if (!resource::sees(caller, job.client_id)) continue;
        detail.has_more_jobs = detail.dispatch_jobs.size() == BffEventDetail::jobs_max;
        if (detail.has_more_jobs) break;
        detail.dispatch_jobs.push_back(
            bff_job(job, shown_status(*parts_.control, job), &*event, *parts_.catalog));
    }
    co_return detail;
}

}  // namespace fc::messaging
