#pragma once

#include "http/routes.h"
#include "messaging/batch.h"
#include "messaging/event/event.h"
#include "messaging/event/event_screen.h"
#include "store/message_log.h"

namespace fc::messaging {

struct EventBatchView {
    std::int64_t count = 0;
    std::vector<EventView> events;
};
BOOST_DESCRIBE_STRUCT(EventBatchView, (), (count, events))

/// The body of a batch, for the API document.
struct EventBatch {};

struct EventById {
    Id<store::EventRecord> id;
};
BOOST_DESCRIBE_STRUCT(EventById, (), (id))

/// `/api/events`: accepting is matching, one commit with all jobs, and only then the answer.
class EventApi {
public:
    struct Parts {
        store::MessageLog* messages;
        Catalog* catalog;
        const Clock* clock;
        TsidGenerator* ids;
    };
    /// Learns of the event types that are loaded or changed from here on.
    explicit EventApi(Parts parts);
    EventApi(const EventApi&) = delete;
    EventApi& operator=(const EventApi&) = delete;
    http::Routes routes();
    void add_to(metrics::Registry& registry) { registry.add("events", metrics_); }

private:
    Task<http::Response> create(http::Request request);
    Task<http::Response> create_batch(http::Request request);
    Task<Result<EventView>> get(http::Caller caller, EventById which);

    /// Stores the events; the views in their order, a duplicate's as it is stored.
    Task<std::vector<EventView>> accept(std::vector<CreateEvent> events, Tsid client_id);

    Parts parts_;
    EventMetrics metrics_;
    EventChecks checks_;
};

}  // namespace fc::messaging

template <>
struct fc::codec::Traits<fc::messaging::EventBatch> {
    static std::string schema(Schemas& schemas) {
        return messaging::batch_schema<messaging::CreateEvent>(schemas, "events");
    }
};
