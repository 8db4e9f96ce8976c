#pragma once

#include "http/message.h"
#include "messaging/batch.h"
#include "messaging/event/event.h"

#include <string>
#include <string_view>

/// CloudEvents 1.0 over HTTP, as they are published to us. Source: CloudEvents HTTP binding and JSON
/// format 1.0.2.
///
/// `type`, `source`, `subject`, `time` and the data are ours by the same name; `datacontenttype` is
/// `dataContentType`; the extensions `correlationid`, `causationid`, `messagegroup` (else `partitionkey`) and
/// `deduplicationid` are ours in camel case; `clientid` is ignored. Whatever else there is becomes
/// `contextData`, `id` as `ce-id`. Without a `deduplicationid` it is `["<source>","<id>"]`: the two identify
/// a CloudEvent, so sending one again is a duplicate.
namespace fc::messaging {

/// What a CloudEvent's own id is called among the context data: no attribute can be named so.
inline constexpr std::string_view cloud_event_id_key = "ce-id";

/// Lower-case letters and digits, and not "data".
bool is_attribute_name(std::string_view name);

/// How a request says its events.
enum class EventForm { own, cloud_binary, cloud_structured, cloud_batch };

/// By Content-Type, and by the fields `ce-*`. UNSUPPORTED_EVENT_FORMAT for CloudEvents in other formats than
/// JSON.
Result<EventForm> form_of(const http::Request& request);

/// Attributes are fields `ce-*`, the body is the data. Faults name the field.
Result<CreateEvent> read_binary_cloud_event(const http::Request& request);
/// The body is the event. Faults are by JSON pointer.
Result<CreateEvent> read_cloud_event(std::string_view body);
/// The body is an array of events, maybe empty.
Result<Batch<CreateEvent>> read_cloud_events(std::string_view body);

}  // namespace fc::messaging
