#include "messaging/delivery/cloud_event_body.h"

#include "base/encoding.h"
#include "codec/json.h"
#include "messaging/delivery/payload.h"
#include "messaging/event/cloud_event.h"

#include <algorithm>

namespace fc::messaging {
namespace {

using store::DataKind;

/// The data in the form in which a content type and a kind say the same of it.
struct Data {
    std::string content_type;  ///< "": there is none
    DataKind kind;
    std::string bytes;
};

Data data_of(const store::EventRecord& event) {
    Data data{event.content_type, event.data_kind, event.data};
    if (data.kind == DataKind::json && data.bytes.empty()) return data;
    if (data.kind != DataKind::json && is_json_type(data.content_type)) {
        if (is_json(data.bytes)) {
            data.kind = DataKind::json;
        } else if (data.kind == DataKind::binary) {
            data.content_type = "application/octet-stream";
        } else if (data.content_type.empty()) {
            data.content_type = "text/plain; charset=utf-8";
        } else {
            data.bytes = codec::to_json(data.bytes);
            data.kind = DataKind::json;
        }
    }
    if (data.content_type.empty()) data.content_type = http::json_type;
    return data;
}

bool is_escape(std::string_view text, std::size_t at) {
    return at + 2 < text.size() && percent_decode(text.substr(at, 3)).has_value();
}

template <class Keep>
std::string percent_encode(std::string_view text, Keep keep) {
    std::string encoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (keep(at))
            encoded += text[at];
        else
            encoded += '%' + to_hex(text.substr(at, 1));
    }
    return encoded;
}

/// Our sources are any text, a CloudEvent's is a URI reference.
std::string uri_reference(std::string_view text) {
    constexpr std::string_view not_in_uris = " \"<>\\^`{|}";
    return percent_encode(text, [&](std::size_t at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (text[at] == '%') return is_escape(text, at);
        return byte > 0x20 && byte < 0x7f && not_in_uris.find(text[at]) == std::string_view::npos;
    });
}

/// HTTP binding 3.1.3.2.
std::string field_value(std::string_view text) {
    return percent_encode(text, [&](std::size_t at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        return byte > 0x20 && byte < 0x7f && text[at] != '"' && text[at] != '%';
    });
}

/// All but `datacontenttype`, by name; none is empty and none is there twice.
http::Headers attributes_of(const store::EventRecord& event) {
    http::Headers attributes{{"specversion", "1.0"}, {"id", event.id.to_string()}};
    const auto add = [&](const std::string& name, const std::string& value) {
        const bool is_there =
            std::ranges::any_of(attributes, [&](const auto& one) { return one.first == name; });
        if (!value.empty() && !is_there) attributes.emplace_back(name, value);
    };
    add("source", uri_reference(event.source));
    add("type", event.type);
    add("subject", event.subject);
    add("time", to_rfc3339(event.time));
    add("correlationid", event.correlation_id);
    add("causationid", event.causation_id);
    add("messagegroup", event.message_group);
    if (event.context_data.text.empty()) return attributes;
    const auto context = codec::from_json<std::vector<ContextEntry>>(event.context_data.text).value();
    for (const auto& [key, value] : context) {
        if (key == cloud_event_id_key && !value.empty()) attributes[1].second = value;
        if (key != "datacontenttype" && is_attribute_name(key)) add(key, value);
    }
    return attributes;
}

}  // namespace

WebhookBody structured_cloud_event(const store::EventRecord& event) {
    const auto data = data_of(event);
    WebhookBody body;
    body.content_type = "application/cloudevents+json; charset=utf-8";
    codec::JsonWriter out(body.bytes);
    out.begin_object();
    const auto add = [&](const std::string& name, const std::string& value) {
        out.plain_key(name);
        out.text(value);
    };
    for (const auto& [name, value] : attributes_of(event)) add(name, value);
    if (!data.content_type.empty()) add("datacontenttype", data.content_type);
    if (data.kind == DataKind::binary) add("data_base64", to_base64(data.bytes));
    if (data.kind == DataKind::text) add("data", data.bytes);
    if (data.kind == DataKind::json && !data.bytes.empty()) {
        out.plain_key("data");
        out.raw(codec::trim(data.bytes));  // space around it is not its own
    }
    out.end_object();
    return body;
}

WebhookBody binary_cloud_event(const store::EventRecord& event) {
    auto data = data_of(event);
    WebhookBody body{std::move(data.content_type), std::move(data.bytes), {}};
    for (const auto& [name, value] : attributes_of(event))
        body.attributes.emplace_back("ce-" + name, field_value(value));
    return body;
}

}  // namespace fc::messaging
