#pragma once

#include "runtime/metrics.h"

#include <boost/describe.hpp>

namespace fc::router {

/// By pool (`pool_code`, and `result` = success | failed on the first). The series of a removed pool go with
/// it.
struct PoolMetrics {
    metrics::Counter messages_processed_total;
    metrics::Histogram processing_duration_seconds;
    metrics::Gauge active_workers;
    metrics::Gauge queue_depth;
    metrics::Counter rate_limit_rejections_total;  ///< work that had to wait for a token
    metrics::Gauge available_permits;
    metrics::Gauge message_group_count;  ///< lanes that wait or run
};
BOOST_DESCRIBE_STRUCT(
    PoolMetrics,
    (),
    (messages_processed_total,
     processing_duration_seconds,
     active_workers,
     queue_depth,
     rate_limit_rejections_total,
     available_permits,
     message_group_count))

/// Requests to the mediation targets of other producers. No target label: it would grow without a bound.
struct MediatorMetrics {
    metrics::Counter http_requests_total;  ///< by `status_code` (a number or `error`) and `method`
    metrics::Histogram http_duration_seconds;
    metrics::Gauge circuit_breakers_open;
    metrics::Counter circuit_breaker_trips_total;
};
BOOST_DESCRIBE_STRUCT(
    MediatorMetrics,
    (),
    (http_requests_total, http_duration_seconds, circuit_breakers_open, circuit_breaker_trips_total))

/// Pointers of other producers that the router holds.
struct PipelineMetrics {
    metrics::Gauge map_size;
    metrics::Gauge total_capacity;
    metrics::Counter received_total;
    metrics::Counter malformed_total;
    metrics::Counter deduplicated_total;
};
BOOST_DESCRIBE_STRUCT(
    PipelineMetrics, (), (map_size, total_capacity, received_total, malformed_total, deduplicated_total))

/// What fetches pointers from the queue.
struct ConsumerMetrics {
    metrics::Counter restarts_total;  ///< after a failure
};
BOOST_DESCRIBE_STRUCT(ConsumerMetrics, (), (restarts_total))

/// All that the router measures. Does nothing until `add_to`, so a test needs no registry.
struct RouterMetrics {
    PoolMetrics pool;
    MediatorMetrics mediator;
    PipelineMetrics pipeline;
    ConsumerMetrics consumer;

    void add_to(metrics::Registry& registry) {
        registry.add("pool", pool);
        registry.add("mediator", mediator);
        registry.add("pipeline", pipeline);
        registry.add("consumer", consumer);
    }
};

}  // namespace fc::router
