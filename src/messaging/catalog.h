#pragma once

#include "messaging/dispatch_pool/dispatch_pool.h"
#include "messaging/event_type/event_type.h"
#include "messaging/event_type/pattern.h"
#include "messaging/subscription/subscription.h"
#include "resource/entities.h"
#include "store/repository.h"

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

using SubscriptionPtr = std::shared_ptr<const Subscription>;
using PoolPtr = std::shared_ptr<const DispatchPool>;
using EventTypePtr = std::shared_ptr<const EventType>;

/// All subscriptions, dispatch pools and event types, in memory: what matching, hand-over and delivery read
/// without waiting. Own writes are seen as soon as their commit is durable. io thread only; the pointers stay
/// valid across a co_await.
class Catalog {
public:
    Catalog(store::DocumentStore& documents, const Clock& clock, TsidGenerator& ids);
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;
    /// Reads all; seeds the platform's pool "default" (concurrency 64, no rate) when it is missing.
    Task<> load();

    SubscriptionPtr find_subscription(Tsid id) const { return subscriptions_.find(id); }
    /// 0: the platform's default pool.
    PoolPtr find_pool(Tsid id) const { return id ? pools_.find(id) : default_pool(); }
    /// By id or by code; the client's own before the platform's. "DEFAULT-POOL" is an alias of "default".
    PoolPtr find_pool(Tsid client_id, std::string_view id_or_code) const;
    PoolPtr default_pool() const { return default_pool_; }
    /// Where the jobs of an owner run that name this pool: the owner's, when it is 0, gone or archived.
    PoolPtr pool_of(Tsid owner, Tsid pool_id) const;
    /// ACTIVE and PAUSED subscriptions that want the event (`matches`), by sequence, then code.
    std::vector<SubscriptionPtr> match(const store::EventRecord& event) const;

    resource::Entities<Subscription>& subscriptions() { return subscriptions_; }
    const resource::Entities<Subscription>& subscriptions() const { return subscriptions_; }
    resource::Entities<DispatchPool>& pools() { return pools_; }
    const resource::Entities<DispatchPool>& pools() const { return pools_; }
    resource::Entities<EventType>& event_types() { return event_types_; }
    const resource::Entities<EventType>& event_types() const { return event_types_; }

    /// By the product itself, after a 410: `reason` is shown. ALREADY_PAUSED, SUBSCRIPTION_NOT_FOUND.
    Task<Result<SubscriptionPtr>> pause(Tsid subscription, std::string reason);

    /// Told of each after it was loaded or changed; `removed`: it is gone.
    void on_subscription(std::function<void(SubscriptionPtr, bool removed)> listener);
    void on_pool(std::function<void(PoolPtr, bool removed)> listener);

private:
    /// One binding of a subscription, in the order of matches.
    struct Wanted {
        SubscriptionPtr subscription;
        const EventTypeBinding* binding;  ///< of the subscription

        std::weak_ordering operator<=>(const Wanted& other) const;
        bool operator==(const Wanted& other) const { return std::is_eq(*this <=> other); }
    };
    void index(const SubscriptionPtr& before, const SubscriptionPtr& after);

    resource::Turns turns_;
    resource::Entities<Subscription> subscriptions_;
    resource::Entities<DispatchPool> pools_;
    resource::Entities<EventType> event_types_;
    SubscriptionIndex<Wanted> index_;
    PoolPtr default_pool_;
};

}  // namespace fc::messaging
