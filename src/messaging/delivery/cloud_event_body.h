#pragma once

#include "messaging/delivery/webhook_body.h"
#include "store/records.h"

namespace fc::messaging {

/// The event as a CloudEvent 1.0, the way back of `event/cloud_event.h`: the attributes are its fields, and
/// those of its context data whose keys name attributes. Data that are declared as JSON, but are none, go as
/// a JSON string, or when they are bytes, as such.
WebhookBody structured_cloud_event(const store::EventRecord& event);
WebhookBody binary_cloud_event(const store::EventRecord& event);

}  // namespace fc::messaging
