#pragma once

#include "base/time.h"
#include "base/vocabulary.h"
#include "messaging/delivery/retry.h"
#include "messaging/subscription/subscription.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <map>
#include <optional>
#include <string>

namespace fc::messaging {

enum class JobKind { event, task };
BOOST_DESCRIBE_ENUM(JobKind, event, task)

/// What a job made by API carries itself; kept as JSON beside its row. What it leaves out comes from its
/// subscription.
struct JobSpec {
    std::string external_id;
    std::string source;
    std::string kind = "EVENT";  ///< of those made by earlier versions any text
    std::string code;
    std::string subject;
    std::string correlation_id;
    std::map<std::string, std::string> metadata;
    Url target_url;
    RawJson payload;  ///< a string is delivered as its text, any other value as its own bytes
    std::string payload_content_type = "application/json";
    TargetHeaders headers;
    std::optional<bool> data_only;
    std::string schema_id;
    std::string service_account_id;
    std::optional<Bounded<1, 900>> timeout_seconds;
    std::optional<Bounded<1, 1'000>> max_retries;
    std::optional<RetryStrategy> retry_strategy;
    std::optional<TimePoint> scheduled_for;
    std::optional<TimePoint> expires_at;
    std::int64_t sequence = 0;
};
BOOST_DESCRIBE_STRUCT(
    JobSpec,
    (),
    (external_id,
     source,
     kind,
     code,
     subject,
     correlation_id,
     metadata,
     target_url,
     payload,
     payload_content_type,
     headers,
     data_only,
     schema_id,
     service_account_id,
     timeout_seconds,
     max_retries,
     retry_strategy,
     scheduled_for,
     expires_at,
     sequence))

}  // namespace fc::messaging
