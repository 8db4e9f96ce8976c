#include "messaging/catalog.h"

#include "messaging/subscription/matching.h"

#include <tuple>

namespace fc::messaging {
namespace {

std::optional<Tsid> owner_of(const Subscription& subscription) {
    return subscription.client_id ? std::optional(subscription.client_id) : std::nullopt;
}

Result<void> keep_default(DispatchPool& pool, TimePoint) {
    pool.code = Code::parse("default").value();
    return {};
}

}  // namespace

std::weak_ordering Catalog::Wanted::operator<=>(const Wanted& other) const {
    if (subscription == other.subscription) return std::compare_three_way()(binding, other.binding);
    const auto rank = [](const Subscription& one) {
        return std::tie(one.sequence, one.code, static_cast<const Tsid&>(one.id));
    };
    return rank(*subscription) <=> rank(*other.subscription);
}

Catalog::Catalog(store::DocumentStore& documents, const Clock& clock, TsidGenerator& ids)
    : subscriptions_({&documents, &clock, &ids, &turns_}),
      pools_({&documents, &clock, &ids, &turns_}),
      event_types_({&documents, &clock, &ids, &turns_}) {
    subscriptions_.on_change(
        [this](const SubscriptionPtr& before, const SubscriptionPtr& after) { index(before, after); });
    pools_.on_change([this](const PoolPtr&, const PoolPtr& after) {
        if (after && is_default(*after)) default_pool_ = after;
    });
}

Task<> Catalog::load() {
    co_await pools_.load();
    if (!default_pool_) {
        DispatchPool pool;
        pool.name = "Default";
        pool.concurrency = 64;
        (co_await pools_.insert(std::move(pool), keep_default)).value();
    }
    co_await event_types_.load();
    co_await subscriptions_.load();
}

PoolPtr Catalog::find_pool(Tsid client_id, std::string_view id_or_code) const {
    if (const auto id = Tsid::parse(id_or_code)) {
        const auto pool = pools_.find(*id);
        if (pool && (!pool->client_id || pool->client_id == client_id)) return pool;
    }
    if (id_or_code == "DEFAULT-POOL") id_or_code = "default";
    const auto own = pools_.find(client_id, id_or_code);
    return own || !client_id ? own : pools_.find(Tsid{}, id_or_code);
}

PoolPtr Catalog::pool_of(Tsid owner, Tsid pool_id) const {
    if (pool_id) {
        auto pool = pools_.find(pool_id);
        if (pool && pool->status != PoolStatus::archived) return pool;
    }
    const auto subscription = find_subscription(owner);
    if (subscription && subscription->dispatch_pool_id) {
        if (auto pool = pools_.find(subscription->dispatch_pool_id)) return pool;
    }
    return default_pool();
}

std::vector<SubscriptionPtr> Catalog::match(const store::EventRecord& event) const {
    const auto owner = event.client_id ? std::optional(event.client_id) : std::nullopt;
    std::vector<SubscriptionPtr> matched;
    const FilteredEvent filtered(event);
    for (auto& wanted : index_.find(owner, event.type)) {
        if (!matched.empty() && matched.back() == wanted.subscription) continue;
        if (matches_beyond_type(*wanted.subscription, *wanted.binding, filtered) == Match::yes)
            matched.push_back(std::move(wanted.subscription));
    }
    return matched;
}

Task<Result<SubscriptionPtr>> Catalog::pause(Tsid subscription, std::string reason) {
    auto rule = [reason = std::move(reason)](Subscription& one, TimePoint now) {
        return messaging::pause(one, now, reason);
    };
    return subscriptions_.change(Id<Subscription>(subscription), std::move(rule));
}

void Catalog::on_subscription(std::function<void(SubscriptionPtr, bool removed)> listener) {
    subscriptions_.on_change(
        [listener = std::move(listener)](const SubscriptionPtr& before, const SubscriptionPtr& after) {
            listener(after ? after : before, !after);
        });
}

void Catalog::on_pool(std::function<void(PoolPtr, bool removed)> listener) {
    pools_.on_change([listener = std::move(listener)](const PoolPtr& before, const PoolPtr& after) {
        listener(after ? after : before, !after);
    });
}

void Catalog::index(const SubscriptionPtr& before, const SubscriptionPtr& after) {
    if (before) {
        for (const auto& binding : before->event_types) {
            index_.remove(owner_of(*before), binding.event_type_code, Wanted{before, &binding});
        }
    }
    if (after) {
        for (const auto& binding : after->event_types) {
            index_.add(owner_of(*after), binding.event_type_code, Wanted{after, &binding});
        }
    }
}

}  // namespace fc::messaging
