#include "messaging/explain/job_cause.h"

#include "codec/json.h"
#include "messaging/dispatch_job/job_spec.h"

#include <string_view>

namespace fc::messaging {
namespace {

using store::JobRecord;
using store::JobStatus;

std::string times(std::int64_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

std::string quoted(const std::string& text) {
    return '"' + text + '"';
}

/// "HTTP 404" and the like: what a target answers that means no.
bool is_refusal(std::string_view error) {
    return (error.starts_with("HTTP 4") || error.starts_with("HTTP 3")) && !error.starts_with("HTTP 429");
}

std::optional<std::int64_t> attempts_max(const JobFacts& facts) {
    if (!facts.job.spec.empty()) {
        const auto spec = codec::from_json<JobSpec>(facts.job.spec).value();
        if (spec.max_retries) return spec.max_retries->value();
    }
    if (facts.subscription && facts.subscription->max_retries)
        return facts.subscription->max_retries->value();
    return std::nullopt;
}

JobCause of_error(const JobFacts& facts) {
    const auto& job = facts.job;
    const auto limit = attempts_max(facts);
    JobCause cause;
    const auto made = " after " + times(job.attempts, "attempt");
    if (job.last_error.starts_with("expired")) {
        cause.code = CauseCode::expired;
        cause.text = "expired" + made + ": its maxAgeSeconds or expiresAt was over";
        const auto last = job.last_error.find("; ");
        if (last != std::string::npos) cause.text += "; the last: " + job.last_error.substr(last + 2);
    } else if (is_refusal(job.last_error)) {
        cause.code = CauseCode::rejected;
        cause.text = "failed" + made + " and is not retried, because the target answered " + job.last_error;
    } else if (limit && job.attempts - job.round_start >= *limit) {
        cause.code = CauseCode::retries_used;
        cause.text = "failed" + made + ", all that maxRetries allows; the last: " + job.last_error;
    } else {
        cause.code = CauseCode::failed;
        cause.text = "failed" + made + ": " + job.last_error;
    }
    if (job.in_line)
        cause.text += "; it holds back its message group " + quoted(job.message_group) +
                      " until it is retried or cancelled";
    return cause;
}

JobCause of_end(const JobFacts& facts) {
    const auto& job = facts.job;
    JobCause cause;
    if (job.status == JobStatus::completed) {
        cause.code = CauseCode::delivered;
        cause.text = "was delivered";
        if (job.completed_at) cause.text += " at " + to_rfc3339(*job.completed_at);
        if (job.attempts > 1) cause.text += ", at attempt " + std::to_string(job.attempts);
    } else if (job.status == JobStatus::cancelled) {
        cause.code = CauseCode::cancelled;
        const bool says_so = job.last_error.starts_with("cancelled");
        cause.text = says_so ? "was " + job.last_error : "was cancelled: " + job.last_error;
    } else {
        cause = of_error(facts);
    }
    cause.since = job.completed_at;
    return cause;
}

std::optional<TimePoint> held_since(const std::vector<Hold>& holds) {
    if (holds.empty() || holds.back().to) return std::nullopt;
    return holds.back().from;
}

std::string since_text(std::optional<TimePoint> since) {
    return since ? " since " + to_rfc3339(*since) : "";
}

/// Its owner or its pool keeps back all of its kind.
std::optional<JobCause> of_hold(const JobFacts& facts) {
    JobCause cause;
    if (!facts.subscription) {
        cause.code = CauseCode::subscription_deleted;
        cause.text = "cannot be delivered, because its subscription was deleted";
        return cause;
    }
    const auto& subscription = *facts.subscription;
    if (subscription.status == SubscriptionStatus::paused) {
        cause.code = CauseCode::subscription_paused;
        cause.since = held_since(subscription.holds);
        cause.text = "waits for its subscription to be resumed, which is paused" + since_text(cause.since);
        if (subscription.paused_reason) cause.text += ": " + *subscription.paused_reason;
        return cause;
    }
    if (facts.pool && facts.pool->holds_jobs()) {
        cause.code = CauseCode::pool_suspended;
        cause.since = held_since(facts.pool->holds);
        cause.text = "waits for its dispatch pool " + quoted(facts.pool->code.text()) +
                     ", which is suspended" + since_text(cause.since);
        return cause;
    }
    return std::nullopt;
}

JobCause behind(const JobFacts& facts) {
    JobCause cause;
    cause.code = CauseCode::behind_head;
    const auto group = "its message group " + quoted(facts.job.message_group);
    if (!facts.leader) {
        cause.text = "waits for an earlier job of " + group;
        return cause;
    }
    JobFacts ahead{*facts.leader, facts.leader_live, facts.subscription, facts.pool, {}, {}, facts.now};
    const auto why = cause_of(ahead);
    const auto name = "job " + facts.leader->id.to_string() + " of " + group;
    cause.job_id = facts.leader->id;
    cause.until = why.until;
    if (facts.leader->status == JobStatus::error) cause.code = CauseCode::blocked_by_error;
    cause.text = "waits behind " + name + ", which " + why.text;
    return cause;
}

/// Its time has not come.
JobCause of_time(const JobFacts& facts) {
    const auto& job = facts.job;
    JobCause cause;
    cause.until = job.next_attempt_at;
    const auto until = to_rfc3339(job.next_attempt_at);
    if (job.attempts == 0 && job.last_error.empty()) {
        cause.code = CauseCode::delayed;
        cause.text =
            "waits for its time, " + until + ", because it was delayed (delaySeconds or scheduledFor)";
    } else {
        cause.code = CauseCode::retry;
        cause.text = "waits until " + until + " for attempt " + std::to_string(job.attempts + 1);
        if (!job.last_error.empty()) cause.text += ", after: " + job.last_error;
    }
    return cause;
}

std::string rate_text(std::string_view whose, std::optional<TimePoint> until) {
    std::string text = "waits for the rate of " + std::string(whose);
    if (until) text += ", which lets the next one go at " + to_rfc3339(*until);
    return text;
}

/// With the router.
JobCause of_queue(const JobFacts& facts) {
    using Cause = LiveJob::Cause;
    const auto pool = "its dispatch pool " + (facts.pool ? quoted(facts.pool->code.text()) : "");
    JobCause cause;
    cause.until = facts.live.until;
    switch (facts.live.cause) {
        case Cause::breaker:
            cause.code = CauseCode::breaker_open;
            cause.text = "waits, because the circuit breaker of its target is open after too many failures";
            if (cause.until) cause.text += ", until " + to_rfc3339(*cause.until);
            break;
        case Cause::subscription_concurrency:
            cause.code = CauseCode::subscription_concurrency;
            cause.text = "waits, because as many jobs of its subscription run as its concurrency allows";
            break;
        case Cause::subscription_rate:
            cause.code = CauseCode::subscription_rate;
            cause.text = rate_text("its subscription", cause.until);
            break;
        case Cause::pool_concurrency:
            cause.code = CauseCode::pool_concurrency;
            cause.text = "waits, because as many jobs of " + pool + " run as its concurrency allows";
            break;
        case Cause::pool_rate:
            cause.code = CauseCode::pool_rate;
            cause.text = rate_text(pool, cause.until);
            break;
        case Cause::queue:
            cause.code = CauseCode::queue;
            cause.text = "waits on the queue for the router of " + pool;
            break;
        case Cause::line:
            cause.code = CauseCode::line;
            cause.text = "waits for its turn in " + pool;
            break;
    }
    return cause;
}

}  // namespace

JobCause cause_of(const JobFacts& facts) {
    using Place = LiveJob::Place;
    const auto& job = facts.job;
    if (job.status != JobStatus::pending) return of_end(facts);
    JobCause cause;
    if (facts.live.place == Place::in_flight) {
        cause.code = CauseCode::in_flight;
        cause.since = facts.live.since;
        cause.text = "is being delivered" + since_text(cause.since);
        return cause;
    }
    if (auto held = of_hold(facts)) return *held;
    if (!job.ready) return behind(facts);
    if (facts.live.place == Place::queued) return of_queue(facts);
    if (job.next_attempt_at > facts.now) return of_time(facts);
    cause.code = CauseCode::backlog;
    cause.text = "is due, and follows when those before it have gone";
    return cause;
}

}  // namespace fc::messaging
