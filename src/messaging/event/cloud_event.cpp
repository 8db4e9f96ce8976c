#include "messaging/event/cloud_event.h"

#include "base/encoding.h"
#include "messaging/delivery/payload.h"
#include "messaging/texts.h"

#include <algorithm>
#include <functional>
#include <map>

namespace fc::messaging {
namespace {

constexpr std::string_view structured_type = "application/cloudevents";
constexpr std::string_view field_prefix = "ce-";

using Attributes = std::map<std::string, std::string>;
/// Called with the attribute's name and what is wrong with it.
using Report = std::function<void(const std::string&, std::string)>;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

bool starts_with_name(std::string_view text, std::string_view prefix) {
    return http::equal_names(text.substr(0, prefix.size()), prefix);
}

/// What our own rules say about the event, under the attributes' names.
void check_event(const CreateEvent& event, const Report& report) {
    auto by_member = [&](std::size_t index, std::string detail) {
        codec::for_each_member<CreateEvent>([&](auto each) {
            using M = decltype(each);
            if (M::index != index) return;
            const bool is_data = M::cpp_name == "data" || M::cpp_name == "data_base64";
            report(is_data ? std::string(M::cpp_name) : lower_case(M::name), std::move(detail));
        });
    };
    codec::Faults<CreateEvent> faults(by_member);
    codec::Rules<CreateEvent>::check(event, faults);
}

/// Takes the attribute away from `attributes`; "" when it is not there.
std::string take(Attributes& attributes, const std::string& name) {
    auto node = attributes.extract(name);
    return node ? std::move(node.mapped()) : std::string();
}

template <class T>
void take_parsed(Attributes& attributes, const std::string& name, T& out, const Report& report) {
    const auto text = take(attributes, name);
    if (text.empty()) return;
    if (auto fault = codec::Traits<T>::parse(text, out)) report(name, std::move(*fault));
}

/// The event's members from its attributes; the data is there already.
void fill(CreateEvent& event, Attributes attributes, const Report& report) {
    for (const auto* required : {"id", "source", "specversion", "type"}) {
        if (attributes[required].empty()) report(required, "is required");
    }
    const auto version = take(attributes, "specversion");
    if (!version.empty() && version != "1.0") report("specversion", "must be \"1.0\"");
    const auto id = take(attributes, "id");
    if (auto fault = fault_of_text(id)) report("id", std::move(*fault));
    take_parsed(attributes, "type", event.type, report);
    take_parsed(attributes, "source", event.source, report);
    take_parsed(attributes, "time", event.time, report);
    event.subject = take(attributes, "subject");
    event.data_content_type = take(attributes, "datacontenttype");
    event.correlation_id = take(attributes, "correlationid");
    event.causation_id = take(attributes, "causationid");
    event.deduplication_id = take(attributes, "deduplicationid");
    event.message_group = take(attributes, "messagegroup");
    if (event.message_group.empty() && attributes.contains("partitionkey"))
        event.message_group = attributes.at("partitionkey");
    attributes.erase("clientid");
    check_event(event, report);
    if (event.deduplication_id.empty())
        event.deduplication_id = codec::to_json(std::vector<std::string>{event.source.text(), id});
    event.context_data.push_back({std::string(cloud_event_id_key), id});
    for (auto& [name, value] : attributes) event.context_data.push_back({name, std::move(value)});
}

/// A value of the header as its sender meant it; nullopt when it is not encoded as the HTTP binding says.
std::optional<std::string> decode_field(std::string_view value) {
    std::string unquoted;
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
        value = value.substr(1, value.size() - 2);
        for (std::size_t at = 0; at < value.size(); ++at) {
            if (value[at] == '\\' && at + 1 < value.size()) ++at;
            unquoted += value[at];
        }
        value = unquoted;
    }
    auto decoded = percent_decode(value);
    if (!decoded || !is_valid_utf8(*decoded)) return std::nullopt;
    return decoded;
}

void read_field(const http::RequestHead::Field& field, Attributes& attributes, const Report& report) {
    const auto name = lower_case(field.name.substr(field_prefix.size()));
    if (!is_attribute_name(name)) return report(name, "is no name of a CloudEvents attribute");
    if (name == "datacontenttype") return report(name, "must not be there: Content-Type says it");
    auto value = decode_field(field.value);
    if (!value) return report(name, "must be percent-encoded UTF-8");
    if (!attributes.emplace(name, std::move(*value)).second) report(name, "must be there once");
}

/// The body of a binary CloudEvent, in the kind that its content type suggests.
void read_body(const http::Request& request, CreateEvent& event, const Report& report) {
    event.data_kind = store::DataKind::json;
    event.data.text = request.body();
    const auto& type = event.data_content_type;
    if (event.data.text.empty()) return;
    if (is_json_type(type)) {
        if (!is_json(request.body())) report("data", "is not the JSON that Content-Type says");
        return;
    }
    const bool is_text = is_text_type(type) && is_valid_utf8(event.data.text);
    event.data_kind = is_text ? store::DataKind::text : store::DataKind::binary;
}

/// `null` is no attribute; numbers and booleans become their text.
void read_attribute(codec::JsonValue value, const std::string& name, Attributes& out, const Report& report) {
    std::string scratch;
    if (!is_attribute_name(name)) return report(name, "is no name of a CloudEvents attribute (a-z, 0-9)");
    if (value.is_null()) return;
    if (value.is_string()) {
        out[name] = value.text(scratch);
    } else if (value.kind() == codec::JsonKind::boolean || codec::integral_value(value.raw())) {
        out[name] = value.raw();
    } else {
        report(name, "must be a string, an integer, or true or false");
    }
}

void read_data(codec::JsonValue data, CreateEvent& event) {
    std::string scratch;
    const bool is_text = data.is_string() && !is_json_type(event.data_content_type);
    event.data_kind = is_text ? store::DataKind::text : store::DataKind::json;
    event.data.text = is_text ? data.text(scratch) : data.raw();
}

Result<CreateEvent> read_object(codec::JsonValue in) {
    if (!in.is_object()) return codec::validation_failed({{"", "must be an object"}});
    std::vector<FieldError> faults;
    const codec::Place at(faults);
    Result<CreateEvent> event{boost::system::in_place_value};
    const Report report = [&](const std::string& name, std::string detail) {
        codec::Place{at, name}.fail(std::move(detail));
    };
    Attributes attributes;
    std::string scratch;
    for (auto key = in.first(); key.exists() && !at.is_full(); key = in.after(key.value_of_key())) {
        const std::string name(key.text(scratch));
        if (name != "data" && name != "data_base64")
            read_attribute(key.value_of_key(), name, attributes, report);
    }
    if (attributes.contains("datacontenttype")) event->data_content_type = attributes["datacontenttype"];
    const auto bytes = in.find("data_base64");
    const bool has_bytes = bytes.exists() && !bytes.is_null();
    if (has_bytes)
        codec::Traits<std::string>::read(
            bytes, event->data_base64.emplace(), codec::Place{at, "data_base64"});
    if (const auto data = in.find("data"); data.exists() && !(has_bytes && data.is_null()))
        read_data(data, *event);
    fill(*event, std::move(attributes), report);
    if (!faults.empty()) event = codec::validation_failed(std::move(faults));
    return event;
}

}  // namespace

bool is_attribute_name(std::string_view name) {
    return !name.empty() && name != "data" &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<EventForm> form_of(const http::Request& request) {
    const auto type = request.header("Content-Type");
    if (starts_with_name(type, structured_type)) {
        const auto format = lower_case(type.substr(0, type.find_first_of("; \t")));
        if (format == std::string(structured_type) + "+json") return EventForm::cloud_structured;
        if (format == std::string(structured_type) + "-batch+json") return EventForm::cloud_batch;
        return invalid(
            "UNSUPPORTED_EVENT_FORMAT",
            "CloudEvents are read in binary mode, as application/cloudevents+json and as "
            "application/cloudevents-batch+json, not as " +
                format);
    }
    const bool is_binary = std::ranges::any_of(
        request.head().fields, [](const auto& field) { return starts_with_name(field.name, field_prefix); });
    return is_binary ? EventForm::cloud_binary : EventForm::own;
}

Result<CreateEvent> read_binary_cloud_event(const http::Request& request) {
    std::vector<FieldError> faults;
    const Report report = [&](const std::string& name, std::string detail) {
        if (name == "data") return faults.push_back({"", std::move(detail)});
        faults.push_back({std::string(field_prefix) + name, std::move(detail)});
    };
    Attributes attributes;
    for (const auto& field : request.head().fields) {
        if (starts_with_name(field.name, field_prefix)) read_field(field, attributes, report);
    }
    // Senders that leave it out mean JSON, as they may in structured mode.
    const auto type = request.header("Content-Type");
    if (!is_valid_utf8(type)) faults.push_back({"Content-Type", "must be UTF-8"});
    const bool is_unknown = type.empty() && !request.body().empty() && !is_json(request.body());
    attributes["datacontenttype"] = is_unknown ? "application/octet-stream" : type;
    Result<CreateEvent> event{boost::system::in_place_value};
    event->data_content_type = attributes["datacontenttype"];
    read_body(request, *event, report);
    fill(*event, std::move(attributes), report);
    if (!faults.empty()) event = codec::validation_failed(std::move(faults));
    return event;
}

Result<CreateEvent> read_cloud_event(std::string_view body) {
    const auto document = codec::JsonDocument::parse(body);
    if (!document) return document.error();
    return read_object(document->root());
}

Result<Batch<CreateEvent>> read_cloud_events(std::string_view body) {
    const auto document = codec::JsonDocument::parse(body);
    if (!document) return document.error();
    const auto root = document->root();
    Batch<CreateEvent> batch;
    if (!root.is_array()) return codec::validation_failed({{"", "must be an array"}});
    if (!root.first().exists()) return batch;
    if (const auto list = find_batch(root, ""); !list) return list.error();
    for (auto item = root.first(); item.exists(); item = root.after(item))
        batch.items.push_back(read_object(item));
    if (auto refused = refusal_of(batch)) return *refused;
    return batch;
}

}  // namespace fc::messaging
