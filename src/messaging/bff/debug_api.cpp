#include "messaging/bff/debug_api.h"

#include "base/encoding.h"
#include "messaging/delivery/payload.h"
#include "resource/tenancy.h"

namespace fc::messaging {
namespace {

RawEvent raw_event(const store::EventRecord& event) {
    RawEvent view;
    static_cast<EventView&>(view) = view_of(event);
    view.data_kind = event.data_kind;
    if (!event.content_type.empty()) view.content_type = event.content_type;
    view.payload_length = static_cast<std::int64_t>(event.data.size());
    view.duplicates = event.duplicates;
    return view;
}

}  // namespace

http::Routes DebugApi::routes() {
    using http::bind;
    constexpr http::Permission sees_events{"platform:messaging:event:view-raw"};
    constexpr http::Permission sees_jobs{"platform:messaging:dispatch-job:view-raw"};
    http::Routes routes("/api/bff/debug", "BFF");
    routes.get("/events", "List events as stored", bind(this, &DebugApi::list_events), sees_events);
    routes.get("/events/{id}", "Get an event as stored", bind(this, &DebugApi::get_event), sees_events);
    routes.get("/dispatch-jobs", "List dispatch jobs as stored", bind(this, &DebugApi::list_jobs), sees_jobs);
    routes.get(
        "/dispatch-jobs/{id}", "Get a dispatch job as stored", bind(this, &DebugApi::get_job), sees_jobs);
    return routes;
}

Task<BffPage<RawEvent>> DebugApi::list_events(http::Caller caller, ListEvents request) {
    BffPage<RawEvent> page(request);
    auto query = query_of(request, caller);
    if (!query) co_return page;
    const auto found = co_await parts_.search->events(std::move(*query), page_request(request));
    for (const auto& event : found.rows) {
        page.items.push_back(raw_event(event));
        if (page.items.back().payload_length > row_data_bytes_max) page.items.back().data = {};
    }
    page.take_counts(found);
    co_return page;
}

Task<Result<BffPage<RawJob>>> DebugApi::list_jobs(http::Caller caller, ListDispatchJobs request) {
    BffPage<RawJob> page(request);
    const auto found = co_await finder_.find(std::move(caller), std::move(request));
    for (const auto& row : found.value().rows) {
        auto view = co_await raw(row.job);
        view.payload.reset();
        view.payload_base64.reset();
        page.items.push_back(std::move(view));
    }
    page.take_counts(*found);
    co_return page;
}

Task<Result<RawEvent>> DebugApi::get_event(http::Caller caller, EventById which) {
    const auto event = co_await parts_.messages->find_event(which.id);
    if (!event || !resource::sees(caller, event->client_id))
        co_return not_found("EVENT_NOT_FOUND", "there is no event " + which.id.to_string());
    co_return raw_event(*event);
}

Task<Result<RawJob>> DebugApi::get_job(http::Caller caller, JobById which) {
    auto job = co_await parts_.messages->find_job(which.id);
    if (!job || !resource::sees(caller, job->client_id))
        co_return not_found("JOB_NOT_FOUND", "there is no dispatch job " + which.id.to_string());
    co_return co_await raw(std::move(*job));
}

Task<RawJob> DebugApi::raw(store::JobRecord job) {
    std::optional<store::EventRecord> event;
    if (job.event_id) event = co_await parts_.messages->find_event(job.event_id);
    const auto attempts = co_await parts_.messages->attempts(job.id);
    RawJob view;
    static_cast<JobView&>(view) = view_of(job, event ? &*event : nullptr, *parts_.catalog);
    view.position = job.position;
    view.ready = job.ready;
    view.in_line = job.in_line;
    view.ready_at = job.ready_at;
    view.round_start = job.round_start;
    view.counted_pool_id = job.counted_pool;
    if (!job.spec.empty())
        view.payload = delivered_bytes(codec::from_json<JobSpec>(job.spec).value().payload);
    else if (event)
        view.payload = event->data;
    view.payload_length = static_cast<std::int64_t>(view.payload.value_or("").size());
    if (job.spec.empty() && event && event->data_kind == store::DataKind::binary) {
        view.payload_base64 = to_base64(event->data);
        view.payload.reset();
    }
    view.attempt_history_count = static_cast<std::int64_t>(attempts.size());
    co_return view;
}

}  // namespace fc::messaging
