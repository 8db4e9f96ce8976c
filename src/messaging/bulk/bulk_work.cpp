#include "messaging/bulk/bulk_work.h"

#include "messaging/event/event.h"
#include "messaging/subscription/matching.h"
#include "runtime/fault.h"

#include <algorithm>

namespace fc::messaging {
namespace {

constexpr std::size_t sample_size = 20;
constexpr std::int64_t counted_at_once = 200;
constexpr std::int64_t counted_max = 10'000;
constexpr Millis counting_max{2'000};
/// New jobs that are stored in one commit.
constexpr std::size_t replayed_at_once = 500;

std::string cancel_reason(const BulkOperation& operation) {
    return "cancelled by " + operation.started_by + " (bulk operation " + operation.id.to_string() + ")";
}

/// Whether this operation did that already: in the part of a step before a crash.
bool was_done_by(const BulkOperation& operation, const store::JobRecord& job) {
    if (operation.kind == BulkKind::retry) return job.operation == operation.id;
    return job.status == store::JobStatus::cancelled && job.last_error == cancel_reason(operation);
}

store::PageRequest page_after(Tsid cursor, std::size_t size) {
    store::PageRequest page;
    page.size = static_cast<std::int64_t>(size);
    page.after = cursor;
    page.ascending = true;
    page.counts = false;
    return page;
}

template <class Found, class IdOf>
BulkPage to_page(const Found& found, IdOf id_of) {
    BulkPage page{{}, found.next, !found.next};
    for (const auto& row : found.rows) page.ids.push_back(id_of(row));
    return page;
}

}  // namespace

bool may_have_job(
    const Subscription& subscription,
    const store::EventRecord& event,
    const std::vector<store::JobRecord>& jobs,
    Tsid operation) {
    for (const auto& job : jobs) {
        const bool is_own = operation && job.operation == operation;
        if (is_of_event(job) && job.owner == subscription.id && !is_own) return true;
    }
    const bool some_are_purged = std::ranges::count_if(jobs, is_of_event) < event.job_count;
    return some_are_purged && subscription.created_at <= event.created_at;
}

Task<BulkCount> BulkWork::count(BulkOperationPtr operation) {
    return operation->kind == BulkKind::replay ? count_replay(operation) : count_jobs(operation);
}

Task<BulkCount> BulkWork::count_jobs(BulkOperationPtr operation) {
    BulkCount count;
    const auto begun = parts_.clock->now();
    auto page = page_after(Tsid{}, counted_at_once);
    page.counts = true;
    while (count.matched < counted_max && parts_.clock->now() - begun < counting_max) {
        auto query = job_query(*operation);
        const auto found = co_await parts_.search->jobs(std::move(query), page);
        for (const auto& row : found.rows) {
            if (count.sample.size() < sample_size) count.sample.push_back(row.job.id);
        }
        count.matched += static_cast<std::int64_t>(found.rows.size());
        if (page.counts && found.total_is_exact) count.matched = found.total;
        if (!found.next || (page.counts && found.total_is_exact)) co_return count;
        // The search had not the time to count them: page by page it takes longer, but not for ever.
        page.after = found.next;
        page.counts = false;
    }
    count.is_exact = false;
    co_return count;
}

Task<BulkCount> BulkWork::count_replay(BulkOperationPtr operation) {
    BulkCount count;
    const auto begun = parts_.clock->now();
    std::int64_t seen = 0;
    auto page = page_after(Tsid{}, counted_at_once);
    while (seen < counted_max && parts_.clock->now() - begun < counting_max) {
        auto query = event_query(*operation);
        auto found = co_await parts_.search->events(std::move(query), page);
        for (auto& row : found.rows) {
            const auto event = std::make_shared<const store::EventRecord>(std::move(row));
            const auto to = co_await receivers(operation, event);
            count.matched += static_cast<std::int64_t>(to.subscriptions.size());
            if (!to.subscriptions.empty() && count.sample.size() < sample_size)
                count.sample.push_back(event->id);
            ++seen;
        }
        if (!found.next) co_return count;
        page.after = found.next;
    }
    count.is_exact = false;
    co_return count;
}

Task<BulkPage> BulkWork::look(BulkOperationPtr operation) {
    if (operation->is_walked) co_return BulkPage{{}, operation->cursor, true};
    const auto page = page_after(operation->cursor, step_size(operation->rate_per_minute));
    if (operation->kind == BulkKind::replay) {
        auto query = event_query(*operation);
        const auto found = co_await parts_.search->events(std::move(query), page);
        co_return to_page(found, [](const store::EventRecord& event) { return event.id; });
    }
    auto query = job_query(*operation);
    const auto found = co_await parts_.search->jobs(std::move(query), page);
    co_return to_page(found, [](const store::JobRow& row) { return row.job.id; });
}

Task<BulkTally> BulkWork::act(BulkOperationPtr operation) {
    return operation->kind == BulkKind::replay ? replay(operation) : act_on_jobs(operation);
}

Task<BulkTally> BulkWork::act_on_jobs(BulkOperationPtr operation) {
    BulkTally tally;
    for (const auto job : operation->step) {
        const auto skipped = co_await act_on_job(operation, job);
        ++tally.processed;
        if (skipped.empty())
            ++tally.changed;
        else
            tally.skip(skipped);
        fault_point("inside-bulk-step");
    }
    co_return tally;
}

Task<std::string> BulkWork::act_on_job(BulkOperationPtr operation, Tsid job) {
    const auto stored = co_await parts_.messages->find_job(job);
    if (!stored) co_return "JOB_NOT_FOUND";
    if (was_done_by(*operation, *stored)) co_return "";
    const auto wanted = job_query(*operation).statuses;
    if (std::ranges::find(wanted, stored->status, store::stored_status) == wanted.end())
        co_return "STATUS_CHANGED";
    if (operation->kind == BulkKind::cancel) {
        auto reason = cancel_reason(*operation);
        const auto cancelled = co_await parts_.control->cancel(job, std::move(reason));
        co_return cancelled ? "" : cancelled.error().code;
    }
    store::Resend resend{operation->started_by, operation->id};
    const auto retried = co_await parts_.control->retry(job, std::move(resend));
    if (!retried) co_return retried.error().code;
    co_return retried->operation == operation->id ? "" : "WAITS_FOR_HEAD";
}

Task<BulkWork::Receivers> BulkWork::receivers(BulkOperationPtr operation, EventPtr event) {
    Receivers to;
    const auto& wanted = operation->filter.subscription_ids;
    if (wanted.empty()) to.subscriptions = parts_.catalog->match(*event);
    const FilteredEvent filtered(*event);
    for (const auto id : wanted) {
        auto subscription = parts_.catalog->find_subscription(id);
        if (subscription && matches(*subscription, filtered) == Match::yes)
            to.subscriptions.push_back(std::move(subscription));
    }
    std::erase_if(to.subscriptions, [&](const SubscriptionPtr& one) {
        return operation->client_id && one->client_id != operation->client_id;
    });
    if (!operation->filter.never_attempted || event->job_count == 0) co_return to;
    const auto jobs = co_await parts_.search->jobs_of_event(event->id, store::jobs_of_event_max);
    to.had_job = static_cast<std::int64_t>(std::erase_if(to.subscriptions, [&](const SubscriptionPtr& one) {
        return may_have_job(*one, *event, jobs, operation->id);
    }));
    co_return to;
}

store::JobRecord BulkWork::replay_of(
    const BulkOperation& operation, const store::EventRecord& event, const Subscription& subscription) const {
    auto job = job_for(subscription, event, *parts_.catalog, *parts_.ids);
    job.origin = store::JobOrigin::replay;
    job.operation = operation.id;
    job.resent_by = operation.started_by;
    job.idempotency_key =
        "replay:" + operation.id.to_string() + ':' + event.id.to_string() + ':' + subscription.id.to_string();
    job.created_at = parts_.clock->now();
    job.updated_at = job.created_at;
    job.next_attempt_at = job.created_at;
    return job;
}

Task<BulkTally> BulkWork::replay(BulkOperationPtr operation) {
    BulkTally tally;
    std::vector<store::JobRecord> jobs;
    for (std::size_t at = 0; at < operation->step.size(); ++at) {
        ++tally.processed;
        auto stored = co_await parts_.messages->find_event(operation->step[at]);
        if (stored) {
            const auto event = std::make_shared<const store::EventRecord>(std::move(*stored));
            const auto to = co_await receivers(operation, event);
            for (const auto& one : to.subscriptions) jobs.push_back(replay_of(*operation, *event, *one));
            if (to.had_job > 0) tally.skipped["HAS_JOB"] += to.had_job;
            if (to.subscriptions.empty() && to.had_job == 0) tally.skip("NO_MATCH");
        } else {
            tally.skip("EVENT_NOT_FOUND");
        }
        const bool is_last = at + 1 == operation->step.size();
        if (jobs.empty() || (jobs.size() < replayed_at_once && !is_last)) continue;
        const auto added = co_await parts_.messages->add_jobs(std::move(jobs));
        // A duplicate was made by this step before a crash: the key has this operation in it.
        tally.changed += static_cast<std::int64_t>(added.size());
        jobs.clear();
        fault_point("inside-bulk-step");
    }
    co_return tally;
}

}  // namespace fc::messaging
