#include "messaging/delivery/webhook_body.h"

#include "base/encoding.h"
#include "codec/json.h"
#include "messaging/delivery/cloud_event_body.h"
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

store::EventRecord event_of(const store::JobRecord& job, const JobSpec& spec) {
    store::EventRecord event;
    event.id = job.id;
    event.client_id = job.client_id;
    event.type = spec.code.empty() ? "flowcatalyst.job" : spec.code;
    event.source = spec.source.empty() ? "flowcatalyst" : spec.source;
    event.subject = spec.subject;
    event.time = job.created_at;
    event.correlation_id = spec.correlation_id;
    event.message_group = job.message_group;
    if (spec.payload_content_type != http::json_type) event.content_type = spec.payload_content_type;
    event.data_kind = is_text(spec.payload) ? store::DataKind::text : store::DataKind::json;
    event.data = delivered_bytes(spec.payload);
    event.created_at = job.created_at;
    return event;
}

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

WebhookBody body_of(
    const store::JobRecord& job,
    const store::EventRecord* event,
    const JobSpec& spec,
    const Subscription* subscription) {
    const auto format = subscription == nullptr ? DeliveryFormat::webhook : subscription->format;
    if (format != DeliveryFormat::webhook) {
        const auto carried = event != nullptr ? *event : event_of(job, spec);
        const bool is_binary = format == DeliveryFormat::cloudevents_binary;
        return is_binary ? binary_cloud_event(carried) : structured_cloud_event(carried);
    }
    const bool data_only = spec.data_only.value_or(subscription == nullptr || subscription->data_only);
    if (!data_only)
        return {
            std::string(http::json_type), envelope_of(event != nullptr ? *event : event_of(job, spec)), {}};
    if (event == nullptr) return {spec.payload_content_type, delivered_bytes(spec.payload), {}};
    return {plain_type(*event), event->data, {}};
}

}  // namespace fc::messaging
