#include "messaging/bff/bff_views.h"

#include "messaging/event_type/event_type.h"

namespace fc::messaging {
namespace {

void take_type(TypeView& view, std::string_view type) {
    auto parts = parts_of(type);
    if (!parts.application.empty()) view.application = std::move(parts.application);
    if (!parts.subdomain.empty()) view.subdomain = std::move(parts.subdomain);
    if (!parts.aggregate.empty()) view.aggregate = std::move(parts.aggregate);
}

}  // namespace

BffEvent bff_event(const store::EventRecord& event) {
    BffEvent view;
    static_cast<EventView&>(view) = view_of(event);
    take_type(view, event.type);
    view.data_length = static_cast<std::int64_t>(event.data.size());
    view.duplicates = event.duplicates;
    view.projected_at = event.created_at;
    return view;
}

BffEvent bff_event_row(const store::EventRecord& event) {
    auto view = bff_event(event);
    if (view.data_length > row_data_bytes_max) view.data = {};
    return view;
}

BffJob bff_job(
    const store::JobRecord& job,
    store::JobStatus status,
    const store::EventRecord* event,
    const Catalog& catalog) {
    BffJob view;
    static_cast<JobView&>(view) = view_of(job, event, catalog);
    take_type(view, view.code);
    if (const auto subscription = catalog.find_subscription(job.owner))
        view.subscription_name = subscription->name;
    if (const auto pool = catalog.find_pool(view.dispatch_pool_id))
        view.dispatch_pool_code = pool->code.text();
    view.status = status;
    view.is_completed = status == store::JobStatus::completed;
    view.is_terminal =
        view.is_completed || status == store::JobStatus::error || status == store::JobStatus::cancelled;
    view.projected_at = job.updated_at;
    return view;
}

}  // namespace fc::messaging
