#pragma once

#include "codec/json.h"
#include "messaging/catalog.h"
#include "messaging/dispatch_job/job_spec.h"
#include "messaging/explain/job_cause.h"
#include "store/records.h"

#include <boost/describe/class.hpp>

#include <map>
#include <optional>
#include <string>

namespace fc::messaging {

/// A job made by API. Source: README "Dispatch Jobs", reference 3.6.
struct CreateJob : JobSpec {
    Tsid event_id;
    std::optional<Tsid> client_id;  ///< nullopt: the one that the request acts for
    Tsid subscription_id;
    std::string dispatch_pool_id;  ///< id or code
    store::DispatchMode mode = store::DispatchMode::next_on_error;
    std::string message_group;
    std::string idempotency_key;
};
BOOST_DESCRIBE_STRUCT(
    CreateJob,
    (JobSpec),
    (event_id, client_id, subscription_id, dispatch_pool_id, mode, message_group, idempotency_key))

/// A dispatch job as it is answered. The payload is not shown: it is its event's data, or was given by API.
struct JobView {
    Tsid id;
    std::optional<std::string> external_id;
    std::string source;
    JobKind kind = JobKind::event;
    std::string code;
    std::optional<std::string> subject;
    Tsid event_id;
    std::optional<std::string> correlation_id;
    std::optional<std::map<std::string, std::string>> metadata;
    std::string target_url;
    std::string protocol = "HTTP_WEBHOOK";
    std::optional<std::map<std::string, Secret>> headers;  ///< those of its own; their values are not shown
    std::optional<std::string> payload_content_type;
    bool data_only = true;
    std::optional<std::string> schema_id;
    std::optional<std::string> service_account_id;
    Tsid client_id;
    Tsid subscription_id;
    store::DispatchMode mode = store::DispatchMode::next_on_error;
    Tsid dispatch_pool_id;
    std::optional<std::string> message_group;
    std::int64_t sequence = 0;
    std::int64_t timeout_seconds = 30;
    store::JobStatus status = store::JobStatus::pending;
    std::optional<std::int64_t> max_retries;
    std::optional<RetryStrategy> retry_strategy;
    std::optional<TimePoint> scheduled_for;
    std::optional<TimePoint> expires_at;
    std::int64_t attempt_count = 0;
    std::optional<TimePoint> last_attempt_at;  ///< not in lists
    std::optional<TimePoint> next_attempt_at;
    std::optional<bool> waits_for_head;  ///< true: an earlier job of its message group is not done
    std::optional<JobCause> waits_for;   ///< not in lists; of an open job only
    std::optional<TimePoint> completed_at;
    std::optional<std::int64_t> duration_millis;
    std::optional<std::string> last_error;
    std::optional<std::string> idempotency_key;
    std::optional<bool> duplicate;
    store::JobOrigin origin = store::JobOrigin::match;
    std::optional<std::string> resent_by;   ///< who sent it again last, and why
    std::optional<Tsid> bulk_operation_id;  ///< what made it or sent it again last
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    JobView,
    (),
    (id,
     external_id,
     source,
     kind,
     code,
     subject,
     event_id,
     correlation_id,
     metadata,
     target_url,
     protocol,
     headers,
     payload_content_type,
     data_only,
     schema_id,
     service_account_id,
     client_id,
     subscription_id,
     mode,
     dispatch_pool_id,
     message_group,
     sequence,
     timeout_seconds,
     status,
     max_retries,
     retry_strategy,
     scheduled_for,
     expires_at,
     attempt_count,
     last_attempt_at,
     next_attempt_at,
     waits_for_head,
     waits_for,
     completed_at,
     duration_millis,
     last_error,
     idempotency_key,
     duplicate,
     origin,
     resent_by,
     bulk_operation_id,
     created_at,
     updated_at))

/// `event` may be null: then what comes from it is left out.
JobView view_of(const store::JobRecord& job, const store::EventRecord* event, const Catalog& catalog);

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::CreateJob> {
    static constexpr auto required = std::tuple{
        &fc::messaging::CreateJob::target_url,
        &fc::messaging::CreateJob::payload,
        &fc::messaging::CreateJob::subscription_id};
    static void check(const fc::messaging::CreateJob& body, Faults<fc::messaging::CreateJob>& faults);
};
