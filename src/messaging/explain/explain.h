#pragma once

#include "messaging/explain/job_cause.h"
#include "messaging/subscription/subscription.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// What a subscription made of an event.
enum class MatchReason {
    matched,
    filtered_out,
    other_version,
    other_type,
    other_client,
    created_after,  ///< it would match, but was made after the event
    edited_since,   ///< it would match as it is now; what it wants was edited after the event
    job_removed,    ///< it matched; its job is no longer kept
    not_looked_at,  ///< it would match; the event has more jobs than are looked at
    imported,       ///< it would match; one of the two was imported, which makes no jobs
    deleted         ///< it matched and was deleted since
};
BOOST_DESCRIBE_ENUM(
    MatchReason,
    matched,
    filtered_out,
    other_version,
    other_type,
    other_client,
    created_after,
    edited_since,
    job_removed,
    not_looked_at,
    imported,
    deleted)

/// One job and why it is where it is.
struct JobExplanation {
    Tsid id;
    store::JobStatus status = store::JobStatus::pending;
    std::string summary;
    JobCause cause;
    store::JobOrigin origin = store::JobOrigin::match;
    Tsid subscription_id;
    Tsid event_id;
    std::int64_t attempt_count = 0;
    std::optional<TimePoint> next_attempt_at;
    std::optional<std::string> last_error;
    std::optional<std::string> resent_by;   ///< who sent it again last, and why
    std::optional<Tsid> bulk_operation_id;  ///< what made it or sent it again last
    TimePoint created_at;
    std::optional<TimePoint> completed_at;
};
BOOST_DESCRIBE_STRUCT(
    JobExplanation,
    (),
    (id,
     status,
     summary,
     cause,
     origin,
     subscription_id,
     event_id,
     attempt_count,
     next_attempt_at,
     last_error,
     resent_by,
     bulk_operation_id,
     created_at,
     completed_at))

struct SubscriptionExplanation {
    Tsid id;
    std::optional<std::string> code;  ///< nullopt: it is gone
    std::optional<SubscriptionStatus> status;
    bool matched = false;
    MatchReason reason = MatchReason::matched;
    std::string text;
    /// When what it wants was edited, after the event: what is said of it may have been otherwise then.
    std::optional<TimePoint> edited_at;
    std::vector<JobExplanation> jobs;
};
BOOST_DESCRIBE_STRUCT(SubscriptionExplanation, (), (id, code, status, matched, reason, text, edited_at, jobs))

/// What became of an event, and why.
struct EventExplanation {
    Tsid id;
    std::string type;
    std::string spec_version;
    std::string source;
    std::optional<std::string> subject;
    std::optional<std::string> message_group;
    std::optional<std::string> deduplication_id;
    Tsid client_id;
    TimePoint time;
    TimePoint created_at;
    std::int64_t duplicates = 0;  ///< how often it was published again
    std::string summary;
    /// Those that it has jobs for, oldest first, then those that came nearest to a match.
    std::vector<SubscriptionExplanation> subscriptions;
    std::int64_t subscriptions_not_shown = 0;
    bool has_more_jobs = false;  ///< than are shown
};
BOOST_DESCRIBE_STRUCT(
    EventExplanation,
    (),
    (id,
     type,
     spec_version,
     source,
     subject,
     message_group,
     deduplication_id,
     client_id,
     time,
     created_at,
     duplicates,
     summary,
     subscriptions,
     subscriptions_not_shown,
     has_more_jobs))

/// All that the explanation of an event depends on; only what the caller may see.
struct EventFacts {
    store::EventRecord event;
    std::vector<SubscriptionPtr> subscriptions;
    std::vector<JobFacts> jobs;                  ///< of the event, oldest first: those that are shown
    std::vector<store::JobRecord> further_jobs;  ///< behind them
    /// What it became besides, by `job_count`, whoever may see that: jobs that are no longer kept, or more
    /// than are looked at.
    std::int64_t removed_jobs = 0;
    std::int64_t unread_jobs = 0;
    std::size_t others_max = 50;  ///< of the subscriptions that no job is shown of
};

JobExplanation explain(const JobFacts& facts);
EventExplanation explain(const EventFacts& facts);

}  // namespace fc::messaging
