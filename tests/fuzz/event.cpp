// The body of POST /api/events and of /api/events/batch.
#include "messaging/event/event.h"

#include "messaging/delivery/cloud_event_body.h"
#include "messaging/delivery/payload.h"
#include "round_trip.h"
#include "target.h"

namespace fc::fuzz {

using messaging::CreateEvent;
using messaging::is_json;

namespace {

void check(const CreateEvent& request) {
    check_round_trip(request);
    const auto event = messaging::event_of(request, {Tsid{9}, TimePoint{}}, Tsid{7});
    FC_ASSERT(is_json(codec::to_json(messaging::view_of(event))), "an event is answered as JSON");
    FC_ASSERT(is_json(messaging::envelope_of(event)), "an envelope is JSON");
    FC_ASSERT(is_json(messaging::structured_cloud_event(event).bytes), "a CloudEvent is JSON");
}

}  // namespace

void run(std::string_view input) {
    if (const auto event = codec::from_json<CreateEvent>(input)) check(*event);
    auto batch = messaging::read_batch<CreateEvent>(input, "events");
    if (!batch) return;
    FC_ASSERT(batch->items.size() <= messaging::batch_items_max, "a batch has its limit");
    for (const auto& event : batch->take_good()) check(event);
}

}  // namespace fc::fuzz
