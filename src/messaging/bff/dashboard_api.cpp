#include "messaging/bff/dashboard_api.h"

#include "resource/tenancy.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace fc::messaging {
namespace {

constexpr std::chrono::hours counted_time{24};

/// Whose numbers a caller sees; an id that nobody has, for those who work for nobody.
std::optional<Tsid> counted_client(const http::Caller& caller) {
    if (caller.scope == http::Scope::anchor) return std::nullopt;
    return caller.client_id ? Tsid{*caller.client_id} : Tsid{~std::uint64_t{0} >> 1U};
}

std::int64_t age_seconds(TimePoint since, TimePoint now) {
    return std::chrono::duration_cast<seconds>(std::max(now - since, Millis{0})).count();
}

void add(WaitingView& view, const store::Backlog& backlog, TimePoint now) {
    view.open_jobs += backlog.jobs;
    view.oldest_waiting_seconds = std::max(view.oldest_waiting_seconds, age_seconds(backlog.oldest, now));
}

template <class View, class Entity>
View view_of(const Entity& entity) {
    View view;
    view.id = entity.id;
    view.code = entity.code.text();
    view.name = entity.name;
    view.status = codec::Traits<decltype(entity.status)>::text(entity.status);
    return view;
}

template <class View>
std::vector<View> fullest(std::map<Tsid, View> views) {
    std::vector<View> sorted;
    for (auto& [id, view] : views) sorted.push_back(std::move(view));
    std::ranges::sort(sorted, [](const View& left, const View& right) {
        return std::tie(right.open_jobs, left.id) < std::tie(left.open_jobs, right.id);
    });
    if (sorted.size() > DashboardView::rows_max) sorted.resize(DashboardView::rows_max);
    return sorted;
}

PlatformView platform() {
    return {};
}

}  // namespace

http::Routes DashboardApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:dashboard:view"};
    http::Routes routes("/api", "BFF");
    routes.get("/bff/dashboard", "Get the dashboard", bind(this, &DashboardApi::dashboard), may_read);
    routes.get("/stats", "Get the counts", bind(this, &DashboardApi::stats), may_read);
    routes.get("/config/platform", "Get the platform configuration", &platform, http::open_to_all);
    return routes;
}

void DashboardApi::add_breakers(DashboardView& view) const {
    for (auto& [target, stats] : parts_.breakers->stats(parts_.clock->now())) {
        if (stats.state == http::BreakerState::closed) continue;
        ++view.open_breakers;
        if (view.breakers.size() < DashboardView::rows_max) view.breakers.push_back({target, stats.state});
    }
}

void DashboardApi::add_waiting(
    DashboardView& view, const std::vector<store::Backlog>& backlogs, const http::Caller& caller) const {
    const auto now = parts_.clock->now();
    const auto loads = parts_.pool_loads();
    std::map<Tsid, PoolWaitingView> pools;
    std::map<Tsid, WaitingView> subscriptions;
    for (const auto& pool : parts_.catalog->pools().all()) {
        auto made = view_of<PoolWaitingView>(*pool);
        made.concurrency = pool->concurrency.value();
        if (pool->rate_limit_per_min) made.rate_limit_per_min = pool->rate_limit_per_min->value();
        const auto load = loads.find(pool_key(*pool));
        if (load != loads.end() && resource::sees(caller, pool->client_id)) {
            made.queued = load->second.queued;
            made.active = load->second.active;
        }
        pools.emplace(pool->id, std::move(made));
    }
    for (const auto& backlog : backlogs) {
        if (!resource::sees(caller, backlog.client_id)) continue;
        view.queue_depth += backlog.jobs;
        view.oldest_waiting_seconds = std::max(view.oldest_waiting_seconds, age_seconds(backlog.oldest, now));
        if (const auto pool = pools.find(backlog.counted_pool); pool != pools.end())
            add(pool->second, backlog, now);
        const auto subscription = parts_.catalog->find_subscription(backlog.owner);
        if (!subscription) continue;
        auto& waiting =
            subscriptions.try_emplace(backlog.owner, view_of<WaitingView>(*subscription)).first->second;
        add(waiting, backlog, now);
    }
    // Another tenant's pool is not known to the caller; the platform's is, when its jobs wait there.
    std::erase_if(pools, [&](const auto& each) {
        const auto pool = parts_.catalog->find_pool(each.first);
        return each.second.open_jobs == 0 && !resource::sees(caller, pool->client_id);
    });
    view.pools = fullest(std::move(pools));
    view.subscriptions = fullest(std::move(subscriptions));
}

Task<DashboardView> DashboardApi::dashboard(http::Caller caller) {
    DashboardView view;
    view.since = parts_.clock->now() - counted_time;
    const auto activity = co_await parts_.search->activity(counted_client(caller), view.since);
    view.events = activity.events;
    view.deliveries = activity.delivered;
    view.failed = activity.failed;
    view.failed_attempts = activity.failed_attempts;
    const auto backlogs = co_await parts_.search->backlogs();
    add_waiting(view, backlogs, caller);
    if (caller.scope == http::Scope::anchor) add_breakers(view);
    co_return view;
}

Task<StatsView> DashboardApi::stats(http::Caller caller) {
    StatsView view;
    constexpr TimePoint always{};
    const auto activity = co_await parts_.search->activity(counted_client(caller), always);
    view.events = activity.events;
    view.messages_processed = activity.delivered;
    std::set<std::string> types;
    const auto seen = co_await parts_.search->types_of_events();
    for (const auto& each : seen) {
        if (resource::sees(caller, each.client_id)) types.insert(each.type);
    }
    view.event_types = static_cast<std::int64_t>(types.size());
    view.subscriptions = static_cast<std::int64_t>(parts_.catalog->subscriptions().all(caller).size());
    view.dispatch_pools = static_cast<std::int64_t>(parts_.catalog->pools().all(caller).size());
    co_return view;
}

}  // namespace fc::messaging
