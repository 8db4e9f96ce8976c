#pragma once

#include "http/message.h"
#include "messaging/dispatch_job/job_spec.h"
#include "store/records.h"

#include <string>

namespace fc::messaging {

/// What a target gets of a job in whichever form its subscription asks for: the same on every attempt.
struct WebhookBody {
    std::string content_type;
    std::string bytes;
    http::Headers attributes;  ///< of a CloudEvent in binary mode
};

/// Of the event, or where that is null, what the spec says. `subscription` may be null.
WebhookBody body_of(
    const store::JobRecord& job,
    const store::EventRecord* event,
    const JobSpec& spec,
    const Subscription* subscription);

/// What a job made by API, or a test delivery, is as an event.
store::EventRecord event_of(const store::JobRecord& job, const JobSpec& spec);

/// The envelope of `dataOnly` = false.
std::string envelope_of(const store::EventRecord& event);

}  // namespace fc::messaging
