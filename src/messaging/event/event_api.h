#pragma once

#include "http/routes.h"
#include "messaging/event/event.h"
#include "store/message_log.h"

namespace fc::messaging {

/// A batch as three kinds of clients send it: `{"events":[...]}`, `[...]` (all or nothing), and
/// `{"items":[...]}`, of which one bad item does not fail the rest.
struct EventBatchView {
    std::int64_t count = 0;
    std::vector<EventView> events;
};
BOOST_DESCRIBE_STRUCT(EventBatchView, (), (count, events))

struct BatchItemResult {
    Tsid id;
    std::string status;  ///< "CREATED", "DUPLICATE" or "ERROR"
    std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(BatchItemResult, (), (id, status, error))

struct ItemBatchView {
    std::vector<BatchItemResult> results;
};
BOOST_DESCRIBE_STRUCT(ItemBatchView, (), (results))

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

    Task<http::Response> all_or_nothing(std::vector<CreateEvent> events, Tsid client_id);
    Task<http::Response> item_by_item(std::vector<Result<CreateEvent>> items, Tsid client_id);
    /// Stores the events; the views in their order, a duplicate's as it is stored.
    Task<std::vector<EventView>> accept(std::vector<CreateEvent> events, Tsid client_id);

    Parts parts_;
};

}  // namespace fc::messaging
