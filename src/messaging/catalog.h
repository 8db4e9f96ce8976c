#pragma once

#include "messaging/dispatch_pool/dispatch_pool.h"
#include "messaging/subscription/subscription.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <vector>

namespace fc::messaging {

using SubscriptionPtr = std::shared_ptr<const Subscription>;
using PoolPtr = std::shared_ptr<const DispatchPool>;

/// All subscriptions and dispatch pools, in memory: what matching, hand-over and delivery read without
/// waiting. Own writes are seen as soon as their commit is durable. io thread only; the pointers stay valid
/// across a co_await.
class Catalog {
public:
    explicit Catalog(store::DocumentStore& documents);
    ~Catalog();
    /// Reads all; seeds the platform's pool "default" (concurrency 64, no rate) when it is missing.
    Task<> load(const Clock& clock, TsidGenerator& ids);

    SubscriptionPtr find_subscription(Tsid id) const;
    PoolPtr find_pool(Tsid id) const;
    /// By id or by code; the client's own before the platform's. "DEFAULT-POOL" is an alias of "default".
    PoolPtr find_pool(Tsid client_id, std::string_view id_or_code) const;
    PoolPtr default_pool() const;
    /// ACTIVE and PAUSED subscriptions that want an event of this type and tenant, by sequence, then code.
    std::vector<SubscriptionPtr> match(
        std::string_view type, std::string_view spec_version, Tsid client_id) const;
    std::vector<SubscriptionPtr> subscriptions() const;
    std::vector<PoolPtr> pools() const;

    /// Each stores durably, then changes what is in memory, then tells the listeners.
    Task<Result<void>> insert(Subscription subscription);
    Task<Result<void>> replace(Subscription subscription);
    Task<Result<void>> remove(Subscription subscription);
    Task<Result<void>> insert(DispatchPool pool);
    Task<Result<void>> replace(DispatchPool pool);
    Task<Result<void>> remove(DispatchPool pool);

    /// Told after a change; `removed`: it is gone.
    void on_subscription(std::function<void(SubscriptionPtr, bool removed)> listener);
    void on_pool(std::function<void(PoolPtr, bool removed)> listener);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What the router calls a pool: "default" for the platform's, else its id.
std::string pool_key(const DispatchPool& pool);

}  // namespace fc::messaging
