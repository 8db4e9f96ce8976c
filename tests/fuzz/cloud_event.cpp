// An HTTP request that publishes CloudEvents in any of their forms: what follows the head is the body.
#include "messaging/event/cloud_event.h"

#include "codec/text.h"
#include "messaging/delivery/cloud_event_body.h"
#include "target.h"

namespace fc::fuzz {

using messaging::CreateEvent;
using messaging::EventForm;

namespace {

std::optional<http::RequestData> request_of(std::string_view text, http::HeadLimits limits) {
    http::HeadParser parser(limits);
    http::RequestData data;
    if (parser.parse(text, data.head) != http::HeadParser::State::complete) return std::nullopt;
    data.body = text.substr(parser.size());
    return data;
}

/// What we read of a binary CloudEvent that we send.
Result<CreateEvent> read_back(const messaging::WebhookBody& sent) {
    std::string text = "POST / HTTP/1.1\r\nHost: a\r\n";
    if (!sent.content_type.empty()) text += "Content-Type: " + sent.content_type + "\r\n";
    for (const auto& [name, value] : sent.attributes) text += name + ": " + value + "\r\n";
    text += "\r\n" + sent.bytes;
    constexpr http::HeadLimits wide{.head_bytes_max = 1 << 20, .fields_max = 10'000};
    const auto data = request_of(text, wide);
    FC_ASSERT(data.has_value(), "what is sent is HTTP");
    const http::Request request(*data);
    FC_ASSERT(messaging::form_of(request).value() == EventForm::cloud_binary, "and a binary CloudEvent");
    return messaging::read_binary_cloud_event(request);
}

store::EventRecord stored(const CreateEvent& event) {
    return messaging::event_of(event, {Tsid{9}, TimePoint{}}, Tsid{7});
}

/// A header trims it, and one of CloudEvents would be taken for another form.
bool is_plain_type(std::string_view type) {
    constexpr std::string_view cloud_events = "application/cloudevents";
    return codec::trim(type) == type && !http::equal_names(type.substr(0, cloud_events.size()), cloud_events);
}

/// Delivered as a CloudEvent in either form and published again, it is the same CloudEvent.
void check(const CreateEvent& given) {
    const auto event = stored(given);
    const auto structured = messaging::structured_cloud_event(event);
    const auto again = messaging::read_cloud_event(structured.bytes);
    if (!again && event.source.size() * 3 > 1'024) return;  // escaped, it is too long for us
    FC_ASSERT(again.has_value(), "what is delivered can be published");
    FC_ASSERT(messaging::structured_cloud_event(stored(*again)).bytes == structured.bytes, "and is the same");

    if (!is_plain_type(event.content_type)) return;
    const auto binary = messaging::binary_cloud_event(event);
    const auto binary_again = read_back(binary);
    FC_ASSERT(binary_again.has_value(), "what is delivered can be published");
    const auto same = messaging::binary_cloud_event(stored(*binary_again));
    FC_ASSERT(same.content_type == binary.content_type && same.bytes == binary.bytes, "with the same data");
    FC_ASSERT(same.attributes == binary.attributes, "and the same attributes");
}

}  // namespace

void run(std::string_view input) {
    const auto data = request_of(input, {});
    if (!data) return;
    const http::Request request(*data);
    const auto form = messaging::form_of(request);
    if (!form || *form == EventForm::own) return;
    if (*form == EventForm::cloud_batch) {
        auto batch = messaging::read_cloud_events(request.body());
        if (!batch) return;
        for (const auto& event : batch->take_good()) check(event);
        return;
    }
    const auto event = *form == EventForm::cloud_binary ? messaging::read_binary_cloud_event(request)
                                                        : messaging::read_cloud_event(request.body());
    if (event) check(*event);
}

}  // namespace fc::fuzz
