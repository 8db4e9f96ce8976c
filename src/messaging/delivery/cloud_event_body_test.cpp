#include "messaging/delivery/cloud_event_body.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

store::EventRecord event_with(store::DataKind kind, std::string data, std::string content_type = "") {
    store::EventRecord event;
    event.id = *Tsid::parse("0HZXEQ5Y8JY5Z");
    event.type = "a.B";
    event.source = "my shop";
    event.time = from_unix_millis(1'800'000'000'000);
    event.data_kind = kind;
    event.data = std::move(data);
    event.content_type = std::move(content_type);
    return event;
}

/// What follows the required attributes.
std::string data_part(const store::EventRecord& event) {
    const auto body = structured_cloud_event(event).bytes;
    return body.substr(body.find("00.000Z\"") + 8);
}

TEST(CloudEventBody, StructuredHasTheEventsFieldsAndTheBytesOfItsData) {
    EXPECT_EQ(
        structured_cloud_event(event_with(store::DataKind::json, "{ \"a\": 1e400 }")).bytes,
        R"({"specversion":"1.0","id":"0HZXEQ5Y8JY5Z","source":"my%20shop","type":"a.B",)"
        R"("time":"2027-01-15T08:00:00.000Z","datacontenttype":"application/json","data":{ "a": 1e400 }})");
}

TEST(CloudEventBody, StructuredLeavesSpaceAroundTheDataOut) {
    store::EventRecord event;
    event.data = "\r\n{ \"n\": 1 }\n";
    EXPECT_TRUE(structured_cloud_event(event).bytes.ends_with(R"("data":{ "n": 1 }})"));
    EXPECT_EQ(binary_cloud_event(event).bytes, event.data);
}

TEST(CloudEventBody, DataAndTheirTypeSayTheSame) {
    using enum store::DataKind;
    EXPECT_EQ(data_part(event_with(json, "")), "}");
    EXPECT_EQ(data_part(event_with(text, "[1]")), R"(,"datacontenttype":"application/json","data":[1]})");
    EXPECT_EQ(
        data_part(event_with(text, "a b")),
        R"(,"datacontenttype":"text/plain; charset=utf-8","data":"a b"})");
    EXPECT_EQ(
        data_part(event_with(text, "a b", "text/json")), R"(,"datacontenttype":"text/json","data":"a b"})");
    EXPECT_EQ(binary_cloud_event(event_with(text, "a b", "text/json")).bytes, "\"a b\"");
    EXPECT_EQ(
        data_part(event_with(binary, "\xff", "image/png")),
        R"(,"datacontenttype":"image/png","data_base64":"/w=="})");
    EXPECT_EQ(data_part(event_with(binary, "[1]")), R"(,"datacontenttype":"application/json","data":[1]})");
    for (const auto* type : {"", "text/json"}) {
        EXPECT_EQ(
            data_part(event_with(binary, "\xff", type)),
            R"(,"datacontenttype":"application/octet-stream","data_base64":"/w=="})");
    }
}

TEST(CloudEventBody, ContextDataAreAttributesWhereTheirKeysAre) {
    auto event = event_with(store::DataKind::json, "1");
    event.source = "/a%20b?c=%zz";
    event.correlation_id = "c";
    event.context_data.text =
        R"([{"key":"ce-id","value":"own"},{"key":"tenant","value":"t"},{"key":"tenant","value":"u"},)"
        R"({"key":"correlationid","value":"x"},{"key":"datacontenttype","value":"x"},)"
        R"({"key":"data","value":"x"},)"
        R"({"key":"Upper","value":"x"},{"key":"none","value":""}])";
    std::string fields;
    for (const auto& [name, value] : binary_cloud_event(event).attributes) fields += name + "=" + value + " ";
    EXPECT_EQ(
        fields,
        "ce-specversion=1.0 ce-id=own ce-source=/a%2520b?c=%2525zz ce-type=a.B "
        "ce-time=2027-01-15T08:00:00.000Z ce-correlationid=c ce-tenant=t ");
}

}  // namespace
}  // namespace fc::messaging
