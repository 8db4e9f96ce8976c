#include "messaging/delivery/webhook_body.h"

#include "base/encoding.h"
#include "codec/json.h"
#include "messaging/delivery/payload.h"

namespace fc::messaging {
namespace {

struct Envelope {
    Tsid id;
    std::string type;
    std::string source;
    std::string subject;
    TimePoint time;
    std::string correlation_id;
    std::string message_group;
    Tsid client_id;
    RawJson data;
    std::optional<std::string> data_base64;        ///< instead of `data` when that is neither JSON nor text
    std::optional<std::string> data_content_type;  ///< nullopt: application/json
};
BOOST_DESCRIBE_STRUCT(
    Envelope,
    (),
    (id,
     type,
     source,
     subject,
     time,
     correlation_id,
     message_group,
     client_id,
     data,
     data_base64,
     data_content_type))

std::string plain_type(const store::EventRecord& event) {
    return event.content_type.empty() ? std::string(http::json_type) : event.content_type;
}

}  // namespace

std::string envelope_of(const store::EventRecord& event) {
    Envelope envelope;
    envelope.id = event.id;
    envelope.type = event.type;
    envelope.source = event.source;
    envelope.subject = event.subject;
    envelope.time = event.time;
    envelope.correlation_id = event.correlation_id;
    envelope.message_group = event.message_group;
    envelope.client_id = event.client_id;
    if (event.data_kind == store::DataKind::binary)
        envelope.data_base64 = to_base64(event.data);
    else
        envelope.data.text = data_as_json(event);
    if (!event.content_type.empty()) envelope.data_content_type = event.content_type;
    return codec::to_json(envelope);
}

WebhookBody body_of(const store::EventRecord* event, const JobSpec& spec, const Subscription* subscription) {
    if (event == nullptr) return {spec.payload_content_type, delivered_bytes(spec.payload), {}};
    if (subscription == nullptr || subscription->data_only) return {plain_type(*event), event->data, {}};
    return {std::string(http::json_type), envelope_of(*event), {}};
}

}  // namespace fc::messaging
