#include "messaging/explain/explain.h"

#include "messaging/subscription/matching.h"

#include <algorithm>
#include <array>
#include <map>

namespace fc::messaging {
namespace {

using store::JobOrigin;
using store::JobStatus;

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::string count_of(std::size_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

std::string patterns_of(const Subscription& subscription) {
    constexpr std::size_t shown_max = 5;
    std::string text;
    const auto& wanted = subscription.event_types;
    for (std::size_t at = 0; at < std::min(wanted.size(), shown_max); ++at) {
        text += (at == 0 ? "" : ", ") + wanted[at].event_type_code.text();
        if (wanted[at].spec_version) text += " (version " + *wanted[at].spec_version + ')';
    }
    return wanted.size() > shown_max ? text + ", ..." : text;
}

struct Reason {
    MatchReason code;
    std::string text;
};

/// Why a subscription as it is now does not want the event; nullopt: it does.
std::optional<Reason> mismatch_of(const Subscription& subscription, const FilteredEvent& filtered) {
    const auto& event = filtered.event();
    switch (matches(subscription, filtered)) {
        case Match::yes: break;
        case Match::other_client:
            return Reason{MatchReason::other_client, "sees the events of another client only"};
        case Match::other_type:
            return Reason{
                MatchReason::other_type,
                "wants other event types (" + patterns_of(subscription) + "), not \"" + event.type + '"'};
        case Match::other_version:
            return Reason{
                MatchReason::other_version,
                "wants another spec version (" + patterns_of(subscription) + "), not " + event.spec_version};
        case Match::filtered_out:
            return Reason{
                MatchReason::filtered_out,
                "its filter keeps the event out: " + subscription.filter.mismatch(filtered).value_or("")};
    }
    return std::nullopt;
}

/// Times are of a millisecond, in which a subscription and its first event can both be made: ids have an
/// order in it.
bool is_created_after(const Subscription& subscription, const store::EventRecord& event) {
    if (subscription.created_at != event.created_at) return subscription.created_at > event.created_at;
    return subscription.id.value > event.id.value;
}

/// When what it wants was edited, if that was after the event.
std::optional<TimePoint> edited_after(const Subscription& subscription, const store::EventRecord& event) {
    const auto changed_at = subscription.wants_changed_at.value_or(subscription.updated_at);
    const bool is_edit = changed_at > subscription.created_at && changed_at >= event.created_at &&
                         !is_created_after(subscription, event);
    return is_edit ? std::optional(changed_at) : std::nullopt;
}

/// Why a subscription that no job of the event is known of has none.
Reason reason_without_job(
    const Subscription& subscription, const FilteredEvent& filtered, const EventFacts& facts) {
    if (auto mismatch = mismatch_of(subscription, filtered)) return std::move(*mismatch);
    if (is_created_after(subscription, facts.event))
        return {
            MatchReason::created_after,
            "would match, but was created after the event, at " + to_rfc3339(subscription.created_at)};
    if (facts.unread_jobs > 0)
        return {
            MatchReason::not_looked_at,
            "would match; the event has more jobs than are looked at, of it perhaps too"};
    if (const auto edited_at = edited_after(subscription, facts.event)) {
        const std::string as_now =
            facts.removed_jobs > 0 ? "would match as it is now; whether it did when the event came is not "
                                     "known, because jobs were removed after their retention time"
                                   : "would match as it is now, but not as it was when the event came";
        return {MatchReason::edited_since, as_now + ": it was edited at " + to_rfc3339(*edited_at)};
    }
    if (facts.removed_jobs > 0)
        return {MatchReason::job_removed, "matched; its job was removed after its retention time"};
    return {MatchReason::imported, "would match, but one of the two was imported, which makes no jobs"};
}

/// What is known of one subscription.
struct Entry {
    Tsid id;
    SubscriptionPtr subscription;
    std::vector<const JobFacts*> jobs{};
    bool is_matched = false;
    bool has_further_jobs = false;
};

SubscriptionExplanation explain_entry(
    const Entry& entry, const FilteredEvent& filtered, const EventFacts& facts) {
    SubscriptionExplanation shown;
    shown.id = entry.id;
    shown.matched = entry.is_matched;
    for (const auto* job : entry.jobs) shown.jobs.push_back(explain(*job));
    if (!entry.subscription) {
        shown.reason = MatchReason::deleted;
        shown.text = shown.matched ? "matched, and was deleted since" : "was deleted since";
        return shown;
    }
    const auto& subscription = *entry.subscription;
    shown.code = subscription.code.text();
    shown.status = subscription.status;
    shown.edited_at = edited_after(subscription, facts.event);
    if (shown.matched) {
        shown.text = "matched";
        if (const auto now = mismatch_of(subscription, filtered))
            shown.text += " when the event came; it was edited since, and now it " + now->text;
        if (shown.jobs.empty()) shown.text += "; its jobs are not among those that are shown";
        return shown;
    }
    auto reason = reason_without_job(subscription, filtered, facts);
    shown.reason = reason.code;
    shown.matched = reason.code == MatchReason::job_removed;
    shown.text = std::move(reason.text);
    if (!entry.jobs.empty() || entry.has_further_jobs)
        shown.text += "; its jobs were made by a request of the API or a replay";
    return shown;
}

/// How near a subscription came to a match: the smaller the nearer.
int distance(const SubscriptionExplanation& one) {
    switch (one.reason) {
        case MatchReason::other_type: return 2;
        case MatchReason::other_client: return 3;
        case MatchReason::other_version: return 1;
        default: return 0;
    }
}

std::string summary_without_jobs(const std::vector<SubscriptionExplanation>& others) {
    if (others.empty()) return "It became no job: there is no subscription that you may see.";
    std::map<MatchReason, std::size_t> counts;
    for (const auto& one : others) ++counts[one.reason];
    if (others.size() == 1 || distance(others[0]) == 0)
        return "It became no job: the subscription \"" + others[0].code.value_or("") + "\" " +
               others[0].text + '.';
    static constexpr std::array<std::pair<MatchReason, std::string_view>, 3> words{{
        {MatchReason::other_version, "another spec version"},
        {MatchReason::other_type, "other event types"},
        {MatchReason::other_client, "the events of other clients only"},
    }};
    std::string text;
    for (const auto& [reason, what] : words) {
        if (const auto count = counts[reason])
            text += (text.empty() ? "" : ", ") + std::to_string(count) + (count == 1 ? " wants " : " want ") +
                    std::string(what);
    }
    return "It became no job, because no subscription matched: of " + std::to_string(others.size()) +
           " that you may see, " + text + '.';
}

std::string summary_of_jobs(const EventFacts& facts) {
    const auto stored = facts.jobs.size() + facts.further_jobs.size();
    const auto all = stored + static_cast<std::size_t>(facts.removed_jobs + facts.unread_jobs);
    if (all == 1 && stored == 1) return "It became 1 job, which " + cause_of(facts.jobs[0]).text + '.';
    if (stored == 0 && facts.unread_jobs == 0)
        return "It became " + count_of(all, "job") + ", removed after JOB_RETENTION.";
    std::map<JobStatus, std::int64_t> counts;
    const JobFacts* open = nullptr;
    for (const auto& one : facts.jobs) {
        ++counts[one.job.status];
        const bool is_done = one.job.status == JobStatus::completed || one.job.status == JobStatus::cancelled;
        if (!open && !is_done) open = &one;
    }
    for (const auto& one : facts.further_jobs) ++counts[one.status];
    const std::array<std::pair<std::int64_t, std::string_view>, 6> parts{{
        {counts[JobStatus::completed], "delivered"},
        {counts[JobStatus::pending], "open"},
        {counts[JobStatus::error], "failed"},
        {counts[JobStatus::cancelled], "cancelled"},
        {facts.removed_jobs, "removed after JOB_RETENTION"},
        {facts.unread_jobs, "not looked at"},
    }};
    std::string text;
    for (const auto& [count, word] : parts) {
        if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + std::string(word);
    }
    text = "It became " + count_of(all, "job") + ": " + text;
    if (open) text += "; job " + open->job.id.to_string() + ' ' + cause_of(*open).text;
    return text + '.';
}

std::vector<Entry> entries_of(const EventFacts& facts) {
    std::vector<Entry> entries;
    std::map<Tsid, std::size_t> at;
    for (const auto& job : facts.jobs) {
        const auto [found, is_new] = at.try_emplace(job.job.owner, entries.size());
        if (is_new) entries.push_back({job.job.owner, job.subscription});
        auto& entry = entries[found->second];
        entry.jobs.push_back(&job);
        entry.is_matched = entry.is_matched || job.job.origin == JobOrigin::match;
    }
    for (const auto& subscription : facts.subscriptions) {
        if (at.try_emplace(subscription->id, entries.size()).second)
            entries.push_back({subscription->id, subscription});
    }
    for (const auto& job : facts.further_jobs) {
        const auto found = at.find(job.owner);
        if (found == at.end()) continue;
        auto& entry = entries[found->second];
        entry.has_further_jobs = true;
        entry.is_matched = entry.is_matched || job.origin == JobOrigin::match;
    }
    return entries;
}

}  // namespace

JobExplanation explain(const JobFacts& facts) {
    const auto& job = facts.job;
    JobExplanation shown;
    shown.id = job.id;
    shown.status = job.status;
    shown.cause = cause_of(facts);
    shown.summary = "The job " + shown.cause.text + '.';
    shown.origin = job.origin;
    shown.subscription_id = job.owner;
    shown.event_id = job.event_id;
    shown.attempt_count = job.attempts;
    if (job.status == JobStatus::pending) {
        shown.status = status_of(facts.live).value_or(job.status);
        if (job.ready) shown.next_attempt_at = job.next_attempt_at;
    }
    shown.last_error = unless_empty(job.last_error);
    shown.resent_by = unless_empty(job.resent_by);
    if (job.operation) shown.bulk_operation_id = job.operation;
    if (shown.resent_by) shown.summary += " It was sent again by " + *shown.resent_by + '.';
    shown.created_at = job.created_at;
    shown.completed_at = job.completed_at;
    return shown;
}

EventExplanation explain(const EventFacts& facts) {
    const auto& event = facts.event;
    EventExplanation shown;
    shown.id = event.id;
    shown.type = event.type;
    shown.spec_version = event.spec_version;
    shown.source = event.source;
    shown.subject = unless_empty(event.subject);
    shown.message_group = unless_empty(event.message_group);
    shown.deduplication_id = unless_empty(event.deduplication_id);
    shown.client_id = event.client_id;
    shown.time = event.time;
    shown.created_at = event.created_at;
    shown.duplicates = event.duplicates;
    shown.has_more_jobs = !facts.further_jobs.empty() || facts.unread_jobs > 0;
    std::vector<SubscriptionExplanation> others;
    const FilteredEvent filtered(event);
    for (const auto& entry : entries_of(facts)) {
        auto& list = entry.jobs.empty() ? others : shown.subscriptions;
        list.push_back(explain_entry(entry, filtered, facts));
    }
    std::ranges::sort(
        others, {}, [](const SubscriptionExplanation& one) { return std::pair(distance(one), one.id); });
    const bool became_none = facts.jobs.empty() && facts.removed_jobs + facts.unread_jobs == 0;
    shown.summary = became_none ? summary_without_jobs(others) : summary_of_jobs(facts);
    if (event.duplicates > 0)
        shown.summary += " It was published again " +
                         count_of(static_cast<std::size_t>(event.duplicates), "time") +
                         " with the same deduplication id: those made no further event.";
    const auto count = std::min(others.size(), facts.others_max);
    shown.subscriptions_not_shown = static_cast<std::int64_t>(others.size() - count);
    std::move(
        others.begin(),
        others.begin() + static_cast<std::ptrdiff_t>(count),
        std::back_inserter(shown.subscriptions));
    return shown;
}

}  // namespace fc::messaging
