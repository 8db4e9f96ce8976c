#pragma once

#include "runtime/metrics.h"

#include <boost/describe/class.hpp>

#include <string>

namespace fc::queue {

/// Messages of one queue, by `queue_type`. Does nothing until it is registered.
struct QueueMetrics {
    metrics::Counter messages_published_total;
    metrics::Counter publish_errors_total;
    metrics::Counter messages_consumed_total;

    /// Those of one type, registered.
    static QueueMetrics of(metrics::Registry& registry, const std::string& queue_type);
};
BOOST_DESCRIBE_STRUCT(
    QueueMetrics, (), (messages_published_total, publish_errors_total, messages_consumed_total))

inline QueueMetrics QueueMetrics::of(metrics::Registry& registry, const std::string& queue_type) {
    QueueMetrics metrics;
    registry.add("queue", metrics);
    const metrics::Labels labels{{"queue_type", queue_type}};
    for (auto* counter :
         {&metrics.messages_published_total, &metrics.publish_errors_total, &metrics.messages_consumed_total})
        *counter = counter->with(labels);
    return metrics;
}

}  // namespace fc::queue
