#pragma once

#include "messaging/catalog.h"
#include "runtime/metrics.h"
#include "runtime/service.h"
#include "store/store.h"

#include <boost/describe/class.hpp>

namespace fc::messaging {

/// What stands in the store, sampled: the tallies, and what waits. By pool (`pool_code`, as the router's) and
/// by subscription; tenants as `client_id`, "" for the platform.
struct MessageGauges {
    metrics::Gauge pool_jobs;      ///< by `pool_code` and `state`: created, completed, error, cancelled, open
    metrics::Gauge client_events;  ///< by `client_id` and `state`: accepted, with_jobs, without_match
    metrics::Gauge pool_backlog_jobs;  ///< open jobs
    metrics::Gauge pool_backlog_oldest_age_seconds;
    metrics::Gauge subscription_backlog_jobs;
    metrics::Gauge subscription_backlog_oldest_age_seconds;
    metrics::Gauge scheduler_jobs_pending;  ///< all open jobs
};
BOOST_DESCRIBE_STRUCT(
    MessageGauges,
    (),
    (pool_jobs,
     client_events,
     pool_backlog_jobs,
     pool_backlog_oldest_age_seconds,
     subscription_backlog_jobs,
     subscription_backlog_oldest_age_seconds,
     scheduler_jobs_pending))

/// Reads tallies and backlogs now and then, never while somebody scrapes: a pause is so many times what the
/// reading took that it costs 2 % of one reader. io thread only.
class MessageMetrics : public Service {
public:
    struct Parts {
        Executor executor;
        const Clock* clock = nullptr;
        store::Store* store = nullptr;
        const Catalog* catalog = nullptr;
    };
    MessageMetrics(Parts parts, metrics::Registry& registry);

    std::string_view name() const override { return "message metrics"; }
    Task<> run() override;
    Task<> stop(Millis deadline) override;

private:
    MessageMetrics(Parts parts, metrics::Registry& registry, const MessageGauges& gauges);
    Task<> sample();
    void show_tallies(const store::TallySheet& tallies);
    void show_backlogs(const std::vector<store::Backlog>& backlogs);

    Parts parts_;
    Timer timer_;
    TimePoint sampled_at_;
    metrics::Gauge pending_;
    metrics::GaugeSet pool_jobs_;
    metrics::GaugeSet client_events_;
    metrics::GaugeSet pool_backlog_;
    metrics::GaugeSet pool_age_;
    metrics::GaugeSet subscription_backlog_;
    metrics::GaugeSet subscription_age_;
    bool stopping_ = false;
};

}  // namespace fc::messaging
