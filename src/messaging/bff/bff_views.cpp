#include "messaging/bff/bff_views.h"

namespace fc::messaging {
namespace {

void take_type(TypeView& view, std::string_view type) {
    const auto parts = type_parts(type);
    if (!parts[0].empty()) view.application = parts[0];
    if (!parts[1].empty()) view.subdomain = parts[1];
    if (!parts[2].empty()) view.aggregate = parts[2];
}

}  // namespace

std::array<std::string_view, 4> type_parts(std::string_view type) {
    std::array<std::string_view, 4> parts;
    for (std::size_t at = 0; at < 3; ++at) {
        const auto end = type.find_first_of(".:");
        parts[at] = type.substr(0, end);
        if (end == std::string_view::npos) return parts;
        type.remove_prefix(end + 1);
    }
    parts[3] = type;
    return parts;
}

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
