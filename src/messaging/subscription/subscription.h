#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "messaging/delivery/holds.h"
#include "messaging/delivery/retry.h"
#include "store/records.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

enum class SubscriptionStatus { active, paused };
BOOST_DESCRIBE_ENUM(SubscriptionStatus, active, paused)

/// A pattern of event type codes: exact, `*` for one segment, a trailing `**` for the rest.
struct EventTypeBinding {
    std::string event_type_id;
    std::string event_type_code;
    std::string spec_version;  ///< "": any
};
BOOST_DESCRIBE_STRUCT(EventTypeBinding, (), (event_type_id, event_type_code, spec_version))

struct ConfigEntry {
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(ConfigEntry, (), (key, value))

/// Which events go to which target. Source: README "Subscriptions", reference 3.4.
struct Subscription {
    Id<Subscription> id;
    Tsid client_id;  ///< 0: owned by the platform, sees every tenant's events
    Code code;       ///< unique within the client
    std::string name;
    std::string description;
    std::vector<EventTypeBinding> event_types;
    Url target;
    std::string queue;
    std::vector<ConfigEntry> custom_config;
    std::string source = "API";
    SubscriptionStatus status = SubscriptionStatus::active;
    std::string paused_reason;  ///< "" when an operator paused it
    Tsid dispatch_pool_id;      ///< 0: the platform's default pool
    store::DispatchMode mode = store::DispatchMode::next_on_error;
    Bounded<1, 900> timeout_seconds = 30;
    std::optional<Bounded<1, 1'000>> max_retries;  ///< total attempts; nullopt: only age ends a job
    RetryStrategy retry_strategy;
    Bounded<1, 31'536'000> max_age_seconds = 86'400;
    Bounded<0, 31'536'000> delay_seconds = 0;
    std::int64_t sequence = 99;
    bool data_only = true;
    std::map<std::string, std::string> headers;
    Tsid service_account_id;
    Secret signing_secret;
    std::vector<Hold> holds;  ///< when it was paused: age does not run then
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    Subscription,
    (),
    (id,
     client_id,
     code,
     name,
     description,
     event_types,
     target,
     queue,
     custom_config,
     source,
     status,
     paused_reason,
     dispatch_pool_id,
     mode,
     timeout_seconds,
     max_retries,
     retry_strategy,
     max_age_seconds,
     delay_seconds,
     sequence,
     data_only,
     headers,
     service_account_id,
     signing_secret,
     holds,
     created_at,
     updated_at))

}  // namespace fc::messaging
