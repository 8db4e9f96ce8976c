#include "messaging/bff/job_bff_api.h"

#include "messaging/delivery/attempt.h"
#include "messaging/explain/job_facts.h"
#include "resource/tenancy.h"

#include <algorithm>
#include <limits>
#include <memory>

namespace fc::messaging {
namespace {

using store::JobStatus;

constexpr std::int64_t rows_at_once = 500;
constexpr std::size_t rows_looked_at_max = 10'000;

bool names_status(const ListDispatchJobs& request, JobStatus status) {
    return std::ranges::find(request.statuses, status) != request.statuses.end();
}

bool is_live(JobStatus status) {
    return status == JobStatus::queued || status == JobStatus::in_progress;
}

/// The store knows live jobs as pending, and nothing of kinds.
bool needs_narrowing(const ListDispatchJobs& request) {
    const bool asks_for_live = std::ranges::any_of(request.statuses, is_live);
    return !request.kind.empty() || (asks_for_live && !names_status(request, JobStatus::pending));
}

/// Whether tenants, subscriptions, the event and the group are all that is asked for besides live states.
bool is_known_to_scheduler(const ListDispatchJobs& request) {
    const bool asks_for_type = !request.applications.empty() || !request.subdomains.empty() ||
                               !request.aggregates.empty() || !request.codes.empty() || !request.kind.empty();
    const bool asks_for_text = !request.source.empty() || !request.subject.empty() || !request.text.empty() ||
                               !request.correlation_id.empty();
    const bool asks_for_more = !request.dispatch_pool_ids.empty() || request.bulk_operation_id ||
                               request.never_attempted || request.created_after || request.created_before;
    return !request.statuses.empty() && std::ranges::all_of(request.statuses, is_live) && !asks_for_type &&
           !asks_for_text && !asks_for_more;
}

std::string kind_of(const store::JobRecord& job) {
    const auto kind = job.spec.empty() ? JobKind::event : codec::from_json<JobSpec>(job.spec).value().kind;
    return codec::Traits<JobKind>::text(kind);
}

}  // namespace

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

bool JobBffApi::fits(const store::JobRecord& job, const ListDispatchJobs& request) const {
    if (!request.kind.empty() && kind_of(job) != request.kind) return false;
    if (request.statuses.empty() || job.status != JobStatus::pending) return true;
    return names_status(request, JobStatus::pending) ||
           names_status(request, shown_status(*parts_.control, job));
}

Task<store::Found<store::JobRow>> JobBffApi::find_live(store::JobQuery query, ListDispatchJobs request) {
    const store::PageRequest everything{.size = std::numeric_limits<std::int32_t>::max()};
    auto live = parts_.control->live_jobs(query, everything).rows;
    store::Found<store::JobRow> found;
    found.total = static_cast<std::int64_t>(live.size());
    const auto skipped = std::min(found.total, request.page.value() * request.size.value());
    auto next = std::find_if(live.begin() + skipped, live.end(), [&](const store::JobRecord& job) {
        return !request.cursor || job.id < request.cursor;
    });
    for (; next != live.end(); ++next) {
        if (static_cast<std::int64_t>(found.rows.size()) == request.size.value()) {
            found.next = found.rows.back().job.id;
            break;
        }
        std::optional<store::EventRecord> event;
        if (next->event_id) event = co_await parts_.messages->find_event(next->event_id);
        found.rows.push_back(
            {std::move(*next), event ? std::make_shared<store::EventRecord>(std::move(*event)) : nullptr});
    }
    co_return found;
}

Task<store::Found<store::JobRow>> JobBffApi::find_narrowed(store::JobQuery query, ListDispatchJobs request) {
    store::Found<store::JobRow> found;
    found.total_is_exact = false;
    auto piece = page_request(request);
    std::int64_t skipped = piece.page * piece.size;
    std::size_t looked_at = 0;
    piece.page = 0;
    piece.size = rows_at_once;
    piece.counts = false;
    while (looked_at < rows_looked_at_max) {
        auto same = query;
        auto rows = co_await parts_.search->jobs(std::move(same), piece);
        looked_at += rows.rows.size();
        for (auto& row : rows.rows) {
            if (!fits(row.job, request)) continue;
            ++found.total;
            if (skipped-- > 0) continue;
            if (static_cast<std::int64_t>(found.rows.size()) == request.size.value()) {
                found.next = found.rows.back().job.id;
                co_return found;
            }
            found.rows.push_back(std::move(row));
        }
        piece.after = rows.next;
        if (!rows.next) {
            found.total_is_exact = !request.cursor;
            co_return found;
        }
    }
    found.next = piece.after;
    co_return found;
}

Task<store::Found<store::JobRow>> JobBffApi::find(store::JobQuery query, ListDispatchJobs request) {
    if (is_known_to_scheduler(request)) return find_live(std::move(query), std::move(request));
    if (needs_narrowing(request)) return find_narrowed(std::move(query), std::move(request));
    return parts_.search->jobs(std::move(query), page_request(request));
}

Task<Result<BffPage<BffJob>>> JobBffApi::list(http::Caller caller, ListDispatchJobs request) {
    BffPage<BffJob> page(request);
    auto query = query_of(request, caller, *parts_.catalog);
    if (!query) co_return query.error();
    if (!*query) co_return page;
    const auto found = co_await find(std::move(**query), request);
    for (const auto& row : found.rows) {
        page.items.push_back(
            bff_job(row.job, shown_status(*parts_.control, row.job), row.event.get(), *parts_.catalog));
    }
    page.take_counts(found);
    co_return page;
}

Task<DispatchJobOptions> JobBffApi::filter_options(http::Caller caller, AskOptions chosen) {
    const auto seen = co_await parts_.search->types_seen();
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
    for (auto at = first; at < attempts.size(); ++at) detail.attempts.push_back({{std::move(attempts[at])}});
    co_return detail;
}

}  // namespace fc::messaging
