#pragma once

#include "http/circuit_breaker.h"
#include "http/routes.h"
#include "messaging/catalog.h"
#include "store/search.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fc::http {
BOOST_DESCRIBE_ENUM(BreakerState, closed, open, half_open)
}

namespace fc::messaging {

/// A target whose breaker keeps requests away from it.
struct BreakerView {
    std::string target;
    http::BreakerState state = http::BreakerState::open;
};
BOOST_DESCRIBE_STRUCT(BreakerView, (), (target, state))

/// What has not ended in one pool, or for one subscription.
struct WaitingView {
    Tsid id;
    std::string code;
    std::string name;
    std::string status;
    std::int64_t open_jobs = 0;
    std::int64_t oldest_waiting_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(WaitingView, (), (id, code, name, status, open_jobs, oldest_waiting_seconds))

struct PoolWaitingView : WaitingView {
    std::int64_t concurrency = 0;
    std::optional<std::int64_t> rate_limit_per_min;
    std::optional<std::int64_t> queued;  ///< in the router, waiting for rate or permit
    std::optional<std::int64_t> active;  ///< being delivered
};
BOOST_DESCRIBE_STRUCT(PoolWaitingView, (WaitingView), (concurrency, rate_limit_per_min, queued, active))

/// How it goes. What is counted is of the last 24 hours; lists have at most `rows_max` rows, the fullest
/// first.
struct DashboardView {
    static constexpr std::size_t rows_max = 20;
    TimePoint since;
    std::int64_t events = 0;
    std::int64_t deliveries = 0;       ///< jobs that ended well
    std::int64_t failed = 0;           ///< jobs that ended in error
    std::int64_t failed_attempts = 0;  ///< requests that did not end well
    std::int64_t queue_depth = 0;      ///< jobs that have not ended
    std::int64_t oldest_waiting_seconds = 0;
    std::int64_t open_breakers = 0;
    std::vector<BreakerView> breakers;  ///< in no order
    std::vector<PoolWaitingView> pools;
    std::vector<WaitingView> subscriptions;
};
BOOST_DESCRIBE_STRUCT(
    DashboardView,
    (),
    (since,
     events,
     deliveries,
     failed,
     failed_attempts,
     queue_depth,
     oldest_waiting_seconds,
     open_breakers,
     breakers,
     pools,
     subscriptions))

/// Source: reference 8.3.
struct StatsView {
    std::int64_t event_types = 0;  ///< that were seen
    std::int64_t subscriptions = 0;
    std::int64_t dispatch_pools = 0;
    std::int64_t events = 0;
    std::int64_t messages_processed = 0;  ///< jobs that ended well
};
BOOST_DESCRIBE_STRUCT(StatsView, (), (event_types, subscriptions, dispatch_pools, events, messages_processed))

struct Features {
    bool messaging_enabled = true;
};
BOOST_DESCRIBE_STRUCT(Features, (), (messaging_enabled))

/// What a user interface asks before anybody has logged in.
struct PlatformView {
    Features features;
};
BOOST_DESCRIBE_STRUCT(PlatformView, (), (features))

/// What a pool of the router does just now.
struct PoolLoad {
    std::int64_t queued = 0;
    std::int64_t active = 0;
};
/// Of each pool, by the router's key.
using PoolLoads = std::function<std::map<std::string, PoolLoad>()>;

/// The numbers of a first page. A tenant sees those of its own; breakers, which speak of everybody's targets,
/// and the load of the platform's pools are for anchors.
class DashboardApi {
public:
    struct Parts {
        store::Search* search;
        const Catalog* catalog;
        const Clock* clock;
        const http::BreakerRegistry* breakers;
        PoolLoads pool_loads;
    };
    explicit DashboardApi(Parts parts) : parts_(std::move(parts)) {}
    http::Routes routes();

private:
    Task<DashboardView> dashboard(http::Caller caller);
    Task<StatsView> stats(http::Caller caller);

    void add_waiting(
        DashboardView& view, const std::vector<store::Backlog>& backlogs, const http::Caller& caller) const;
    void add_breakers(DashboardView& view) const;

    Parts parts_;
};

}  // namespace fc::messaging
