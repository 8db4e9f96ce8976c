#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "messaging/delivery/holds.h"
#include "messaging/delivery/retry.h"
#include "messaging/event_type/pattern.h"
#include "messaging/subscription/payload_filter.h"
#include "messaging/subscription/target_headers.h"
#include "store/records.h"
#include "store/repository.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fc::messaging {

enum class SubscriptionStatus { active, paused };
BOOST_DESCRIBE_ENUM(SubscriptionStatus, active, paused)

/// Who made it: a program, or a person in the user interface.
enum class SubscriptionSource { api, ui };
BOOST_DESCRIBE_ENUM(SubscriptionSource, api, ui)

/// How an event is written into a request: our own webhook, or a CloudEvent 1.0.
enum class DeliveryFormat { webhook, cloudevents_structured, cloudevents_binary };
BOOST_DESCRIBE_ENUM(DeliveryFormat, webhook, cloudevents_structured, cloudevents_binary)

/// Which event types are wanted.
struct EventTypeBinding {
    /// Only in requests and answers: of the type that is registered with the code.
    std::optional<Tsid> event_type_id;
    EventTypePattern event_type_code;
    std::optional<std::string> spec_version;  ///< nullopt: any
};
BOOST_DESCRIBE_STRUCT(EventTypeBinding, (), (event_type_id, event_type_code, spec_version))

struct ConfigEntry {
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(ConfigEntry, (), (key, value))

struct Subscription;

/// What a subscription shows to whoever may see it.
struct SubscriptionFacts {
    Id<Subscription> id;
    Tsid client_id;  ///< 0: owned by the platform, sees every tenant's events
    Code code;       ///< unique within the client
    std::string name;
    std::string description;
    std::vector<EventTypeBinding> event_types;
    PayloadFilter filter;
    Url target;
    std::string queue;
    std::vector<ConfigEntry> custom_config;
    SubscriptionSource source = SubscriptionSource::api;
    SubscriptionStatus status = SubscriptionStatus::active;
    std::optional<std::string> paused_reason;  ///< nullopt: it is active, or an operator paused it
    Tsid dispatch_pool_id;                     ///< 0: the platform's default pool
    /// Besides the pool's limits, over all pools that its jobs run in; nullopt: none of its own.
    std::optional<Bounded<1, 10'000>> concurrency;
    std::optional<Bounded<1, 10'000'000>> rate_limit_per_min;
    store::DispatchMode mode = store::DispatchMode::next_on_error;
    Bounded<1, 900> timeout_seconds = 30;
    std::optional<Bounded<1, 1'000>> max_retries;  ///< total attempts; nullopt: only age ends a job
    RetryStrategy retry_strategy;
    Bounded<1, 31'536'000> max_age_seconds = 86'400;
    Bounded<0, 31'536'000> delay_seconds = 0;
    std::int64_t sequence = 99;
    bool data_only = true;  ///< only for webhooks
    DeliveryFormat format = DeliveryFormat::webhook;
    TargetHeaders headers;
    Tsid service_account_id;
    std::optional<TimePoint> previous_secret_expires_at;  ///< until then a rotated secret signs too
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    SubscriptionFacts,
    (),
    (id,
     client_id,
     code,
     name,
     description,
     event_types,
     filter,
     target,
     queue,
     custom_config,
     source,
     status,
     paused_reason,
     dispatch_pool_id,
     concurrency,
     rate_limit_per_min,
     mode,
     timeout_seconds,
     max_retries,
     retry_strategy,
     max_age_seconds,
     delay_seconds,
     sequence,
     data_only,
     format,
     headers,
     service_account_id,
     previous_secret_expires_at,
     created_at,
     updated_at))

/// Which events go to which target. Source: README "Subscriptions", reference 3.4.
struct Subscription : SubscriptionFacts {
    Secret signing_secret;
    Secret previous_secret;   ///< the one before, for the grace of a rotation
    std::vector<Hold> holds;  ///< when it was paused: age does not run then
    /// When its event types or its filter changed last; nullopt: an earlier version stored it.
    std::optional<TimePoint> wants_changed_at;
};
BOOST_DESCRIBE_STRUCT(
    Subscription, (SubscriptionFacts), (signing_secret, previous_secret, holds, wants_changed_at))

// Rules: what an operator, or the product itself, may do when.
/// `reason` "": an operator asked for it. ALREADY_PAUSED.
Result<void> pause(Subscription& subscription, TimePoint now, std::string reason);
Result<void> resume(Subscription& subscription, TimePoint now);  ///< NOT_PAUSED
/// `fresh` is the secret from now on; for `grace` the one that it replaces signs too. ROTATION_IN_PROGRESS
/// while another grace lasts, unless `grace` is zero: then only `fresh` counts.
Result<void> rotate_secret(Subscription& subscription, Secret fresh, seconds grace, TimePoint now);
Result<void> end_grace(Subscription& subscription, TimePoint now);  ///< NO_PREVIOUS_SECRET
/// The secret before the last rotation, while its grace lasts.
std::optional<Secret> previous_secret(const Subscription& subscription, TimePoint now);

}  // namespace fc::messaging

template <>
struct fc::store::Collection<fc::messaging::Subscription> {
    static constexpr std::string_view name = "subscriptions";
    static constexpr std::string_view not_found = "SUBSCRIPTION_NOT_FOUND";
    static Tsid client(const fc::messaging::Subscription& one) { return one.client_id; }
    static std::string code(const fc::messaging::Subscription& one) { return one.code.text(); }
};

namespace fc::codec {

template <>
struct Traits<messaging::EventTypePattern> : VocabularyTraits<messaging::EventTypePattern> {
    static constexpr std::string_view schema = R"({"type":"string","maxLength":255})";
};

}  // namespace fc::codec
