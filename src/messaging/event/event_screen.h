#pragma once

#include "messaging/batch.h"
#include "messaging/event/event.h"
#include "messaging/event_type/event_checks.h"
#include "runtime/metrics.h"

#include <boost/describe/class.hpp>

namespace fc::messaging {

/// Events that the schema of their type does not allow.
struct EventMetrics {
    metrics::Counter schema_warnings_total;    ///< accepted all the same
    metrics::Counter schema_rejections_total;  ///< refused
};
BOOST_DESCRIBE_STRUCT(EventMetrics, (), (schema_warnings_total, schema_rejections_total))

/// Holds the events of one request against the schemas of their types.
class EventScreen {
public:
    EventScreen(const EventChecks& checks, EventMetrics& metrics) : checks_(&checks), metrics_(&metrics) {}

    /// SCHEMA_VIOLATION names every fault; where the type only warns, they become the event's warnings.
    std::optional<Error> refusal_of(CreateEvent& event);
    /// The same for each; an item that is refused becomes its error.
    void screen(Batch<CreateEvent>& batch);

private:
    const EventChecks* checks_;
    EventMetrics* metrics_;
    std::uint64_t steps_left_ = check_steps_max;
};

}  // namespace fc::messaging
