#pragma once

#include "http/egress.h"
#include "http/routes.h"
#include "messaging/catalog.h"
#include "resource/paging.h"
#include "store/message_log.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// Each member that is given must fit; of a list one value. `text` is part of the name or the code, in any
/// case.
struct ListSubscriptions : resource::ListRequest {
    std::vector<SubscriptionStatus> status;
    std::vector<Tsid> client_id;
    std::optional<SubscriptionSource> source;
    std::string dispatch_pool_id;      ///< or its code
    std::optional<bool> anchor_level;  ///< true: the platform's own, false: those of clients
    std::string text;
};
BOOST_DESCRIBE_STRUCT(
    ListSubscriptions,
    (resource::ListRequest),
    (status, client_id, source, dispatch_pool_id, anchor_level, text))

struct SubscriptionById {
    Id<Subscription> id;
};
BOOST_DESCRIBE_STRUCT(SubscriptionById, (), (id))

/// A binding as requests give it: the object, by code, by id or both, or only the pattern's text.
struct WantedEventType : EventTypeBinding {};
/// By codes; of ids that do not fit, a fault below "/eventTypes".
std::vector<EventTypeBinding> bindings_of(
    const std::vector<WantedEventType>& wanted, const Catalog& catalog, std::vector<FieldError>& faults);

/// Absent members stay as they are; null lifts a limit, `filter`, the service account, and the choice of a
/// pool (then it is the default one), as do 0 and "". Two spellings of one thing are two members, so that a
/// fault names the one that was used.
struct SubscriptionFields {
    using RateLimit = decltype(Subscription::rate_limit_per_min);

    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::vector<WantedEventType>> event_types;
    std::optional<PayloadFilter> filter;
    std::optional<Url> target_url;
    std::optional<Url> target;
    std::optional<std::string> queue;
    std::optional<std::vector<ConfigEntry>> custom_config;
    std::optional<std::optional<std::string>> dispatch_pool_id;  ///< or its code
    std::optional<std::string> dispatch_pool_code;
    std::optional<decltype(Subscription::concurrency)> concurrency;
    std::optional<RateLimit> rate_limit_per_min;
    std::optional<RateLimit> rate_limit;  ///< the same, as pools call it too
    std::optional<store::DispatchMode> mode;
    std::optional<decltype(Subscription::timeout_seconds)> timeout_seconds;
    std::optional<decltype(Subscription::max_retries)> max_retries;
    std::optional<RetryStrategy> retry_strategy;
    std::optional<decltype(Subscription::max_age_seconds)> max_age_seconds;
    std::optional<decltype(Subscription::delay_seconds)> delay_seconds;
    std::optional<std::int64_t> sequence;
    std::optional<bool> data_only;
    std::optional<DeliveryFormat> format;
    std::optional<TargetHeaders> headers;
    std::optional<std::optional<Tsid>> service_account_id;
};
BOOST_DESCRIBE_STRUCT(
    SubscriptionFields,
    (),
    (name,
     description,
     event_types,
     filter,
     target_url,
     target,
     queue,
     custom_config,
     dispatch_pool_id,
     dispatch_pool_code,
     concurrency,
     rate_limit_per_min,
     rate_limit,
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
     service_account_id))

struct EditSubscription : SubscriptionFields {
    Id<Subscription> id;
};
BOOST_DESCRIBE_STRUCT(EditSubscription, (SubscriptionFields), (id))

struct CreateSubscription : SubscriptionFields {
    std::optional<Code> code;  ///< nullopt: made of the name
    std::optional<Tsid> client_id;
    std::optional<SubscriptionSource> source;
    std::optional<Secret> signing_secret;  ///< nullopt: a new one
};
BOOST_DESCRIBE_STRUCT(CreateSubscription, (SubscriptionFields), (code, client_id, source, signing_secret))

struct RotateSecret {
    Id<Subscription> id;
    Bounded<0, 2'592'000> grace_period_seconds = 86'400;
    std::optional<Secret> signing_secret;  ///< nullopt: a new one
};
BOOST_DESCRIBE_STRUCT(RotateSecret, (), (id, grace_period_seconds, signing_secret))

/// A subscription as it is answered.
struct SubscriptionView : SubscriptionFacts {
    Code dispatch_pool_code;
    std::optional<std::string> signing_secret;  ///< only in the answer that made it
    // Only of an action: what was done, and the id again.
    std::optional<std::string> message;
    Tsid subscription_id;
};
BOOST_DESCRIBE_STRUCT(
    SubscriptionView, (SubscriptionFacts), (dispatch_pool_code, signing_secret, message, subscription_id))

/// `/api/subscriptions`.
class SubscriptionApi {
public:
    struct Parts {
        Catalog* catalog;
        store::MessageLog* messages;
        const http::EgressFilter* egress;
        const Clock* clock;
    };
    explicit SubscriptionApi(Parts parts) : parts_(parts) {}
    http::Routes routes();

private:
    using SubscriptionPage = http::Page<SubscriptionView, "subscriptions">;

    SubscriptionPage list(http::Caller caller, ListSubscriptions query) const;
    Result<SubscriptionView> get(http::Caller caller, SubscriptionById which) const;
    Task<Result<http::Created<SubscriptionView>>> create(http::Request request, CreateSubscription body);
    Task<Result<SubscriptionView>> edit(http::Caller caller, EditSubscription body);
    Task<Result<void>> remove(http::Caller caller, SubscriptionById which);
    Task<Result<SubscriptionView>> pause(http::Caller caller, SubscriptionById which);
    Task<Result<SubscriptionView>> resume(http::Caller caller, SubscriptionById which);
    Task<Result<SubscriptionView>> rotate(http::Caller caller, RotateSecret body);
    Task<Result<void>> end_grace(http::Caller caller, SubscriptionById which);

    Task<Result<SubscriptionView>> change(http::Caller caller, Tsid id, resource::Rule<Subscription> rule);
    Task<Result<SubscriptionView>> act(
        http::Caller caller, Tsid id, resource::Rule<Subscription> rule, std::string message);
    /// VALIDATION_FAILED names every field that cannot be followed.
    Result<void> assign(Subscription& subscription, SubscriptionFields fields, TimePoint now) const;
    void assign_target(
        Subscription& subscription, SubscriptionFields& fields, std::vector<FieldError>& faults) const;
    void assign_pool(
        Subscription& subscription, const SubscriptionFields& fields, std::vector<FieldError>& faults) const;
    SubscriptionView view(const Subscription& subscription) const;
    bool fits(const Subscription& subscription, const ListSubscriptions& query) const;

    Parts parts_;
};

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Traits<messaging::WantedEventType> {
    static constexpr std::string_view schema =
        R"({"oneOf":[{"type":"string"},{"type":"object","properties":)"
        R"({"eventTypeId":{"type":"string"},"eventTypeCode":{"type":"string"},)"
        R"("specVersion":{"type":"string"}}}]})";

    static void read(JsonValue in, messaging::WantedEventType& out, const Place& at);
};

template <>
struct Rules<messaging::ListSubscriptions> {
    static constexpr auto names = std::tuple{
        alias(&messaging::ListSubscriptions::status, "statuses"),
        alias(&messaging::ListSubscriptions::client_id, "clientIds")};
};

template <>
struct Rules<messaging::CreateSubscription> {
    static constexpr auto required =
        std::tuple{&messaging::SubscriptionFields::name, &messaging::SubscriptionFields::event_types};
    static void check(
        const messaging::CreateSubscription& body, Faults<messaging::CreateSubscription>& faults);
};

template <>
struct Rules<messaging::EditSubscription> {
    static void check(const messaging::EditSubscription& body, Faults<messaging::EditSubscription>& faults);
};

template <>
struct Rules<messaging::SubscriptionView> {
    static constexpr auto names = std::tuple{
        spelling(&messaging::Subscription::target, "targetUrl"),
        spelling(&messaging::Subscription::rate_limit_per_min, "rateLimit")};
};

}  // namespace fc::codec
