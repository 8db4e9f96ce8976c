#pragma once

#include "http/routes.h"
#include "messaging/batch.h"
#include "messaging/event/event.h"
#include "store/message_log.h"

namespace fc::messaging {

struct EventBatchView {
    std::int64_t count = 0;
    std::vector<EventView> events;
};
BOOST_DESCRIBE_STRUCT(EventBatchView, (), (count, events))

struct EventById {
    Id<store::EventRecord> id;
};
BOOST_DESCRIBE_STRUCT(EventById, (), (id))

/// `/api/events`: accepting is matching, one commit with all jobs, and only then the answer.
class EventApi {
public:
    struct Parts {
        store::MessageLog* messages;
        const Catalog* catalog;
        const Clock* clock;
        TsidGenerator* ids;
    };
    explicit EventApi(Parts parts) : parts_(parts) {}
    http::Routes routes();

private:
    Task<http::Response> create(http::Request request);
    Task<http::Response> create_batch(http::Request request);
    Task<Result<EventView>> get(http::Caller caller, EventById which);

    /// Stores the events; the views in their order, a duplicate's as it is stored.
    Task<std::vector<EventView>> accept(std::vector<CreateEvent> events, Tsid client_id);

    Parts parts_;
};

}  // namespace fc::messaging
