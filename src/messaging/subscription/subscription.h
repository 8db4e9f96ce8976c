#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "messaging/delivery/holds.h"
#include "messaging/delivery/retry.h"
#include "messaging/event_type/pattern.h"
#include "messaging/subscription/payload_filter.h"
#include "store/records.h"
#include "store/repository.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fc::messaging {

enum class SubscriptionStatus { active, paused };
BOOST_DESCRIBE_ENUM(SubscriptionStatus, active, paused)

/// Which event types are wanted.
struct EventTypeBinding {
    std::optional<std::string> event_type_id;
    EventTypePattern event_type_code;
    std::optional<std::string> spec_version;  ///< nullopt: any
};
BOOST_DESCRIBE_STRUCT(EventTypeBinding, (), (event_type_id, event_type_code, spec_version))

struct ConfigEntry {
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(ConfigEntry, (), (key, value))

/// What a subscription adds to the header of its requests: at most `headers_max`, none that the product or
/// HTTP itself sets.
struct TargetHeaders : std::map<std::string, std::string> {
    static constexpr std::size_t headers_max = 50;
    static constexpr std::size_t value_bytes_max = 4'096;
};

/// Which events go to which target. Source: README "Subscriptions", reference 3.4.
struct Subscription {
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
    std::string source = "API";
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
    bool data_only = true;
    TargetHeaders headers;
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
     headers,
     service_account_id,
     signing_secret,
     holds,
     created_at,
     updated_at))

// Rules: what an operator, or the product itself, may do when.
/// `reason` "": an operator asked for it. ALREADY_PAUSED.
Result<void> pause(Subscription& subscription, TimePoint now, std::string reason);
Result<void> resume(Subscription& subscription, TimePoint now);  ///< NOT_PAUSED

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

template <>
struct Rules<messaging::EventTypeBinding> {
    static constexpr auto required = std::tuple{&messaging::EventTypeBinding::event_type_code};
};

template <>
struct Traits<messaging::TargetHeaders> {
    static constexpr std::string_view schema =
        R"({"type":"object","maxProperties":50,"additionalProperties":{"type":"string"}})";

    static void read(JsonValue in, messaging::TargetHeaders& out, const Place& at);
    static void write(JsonWriter& out, const messaging::TargetHeaders& value);
};

}  // namespace fc::codec
