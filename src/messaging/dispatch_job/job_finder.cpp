#include "messaging/dispatch_job/job_finder.h"

#include <algorithm>

namespace fc::messaging {
namespace {

using store::JobStatus;

/// Whether pending jobs are meant only while they are in the router's hands.
bool asks_for_live(const store::JobQuery& query) {
    return std::ranges::any_of(query.statuses, store::is_live) &&
           std::ranges::find(query.statuses, JobStatus::pending) == query.statuses.end();
}

/// Whether the scheduler can tell by itself which jobs are meant.
bool is_known_to_scheduler(store::JobQuery query) {
    const bool is_only_live = std::ranges::all_of(query.statuses, store::is_live);
    query.statuses.clear();
    query.client_ids.reset();
    query.owners.clear();
    query.event_id.reset();
    query.message_group.clear();
    return is_only_live && query == store::JobQuery{};
}

}  // namespace

Task<Result<store::Found<store::JobRow>>> JobFinder::find(
    http::Caller caller, ListDispatchJobs request) const {
    auto asked = query_of(request, caller, *parts_.catalog);
    if (!asked) co_return asked.error();
    if (!*asked) co_return store::Found<store::JobRow>();
    auto query = std::move(**asked);
    auto page = page_request(request);
    std::optional<std::int64_t> total;
    if (asks_for_live(query)) {
        auto live = parts_.control->live_jobs(query);
        if (is_known_to_scheduler(query)) total = static_cast<std::int64_t>(live.size());
        query.pending = std::move(live);
        page.counts = !total;
    }
    auto found = co_await parts_.search->jobs(std::move(query), page);
    if (total) found.total = *total;
    co_return found;
}

}  // namespace fc::messaging
