#include "messaging/event/cloud_event.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

using Fields = std::vector<http::RequestHead::Field>;

const std::string whole =
    R"({"specversion":"1.0","id":"A 1","source":"/shop","type":"com.example.Order","subject":"o/1",)"
    R"("time":"2026-01-01T01:00:00.25+01:00","correlationid":"c","causationid":"d","partitionkey":"p",)"
    R"("dataschema":"https://example.com/s","clientid":"x","count":5,"urgent":true,"none":null,)"
    R"("data": { "n" : 1e400 } })";

/// A request as the server gives it; `body` must live as long.
struct Post {
    explicit Post(Fields fields, std::string content = "") : body(std::move(content)) {
        const auto size = body.size();
        body.append(64, '\0');
        data.head.fields = std::move(fields);
        data.body = std::string_view(body).substr(0, size);
    }
    std::string body;
    http::RequestData data;
    http::Request request{data};
};

Fields four() {
    return {{"ce-specversion", "1.0"}, {"CE-ID", "1"}, {"ce-source", "/s"}, {"ce-type", "a.b"}};
}

CreateEvent read_binary(Fields more, std::string body = "") {
    auto fields = four();
    fields.insert(fields.end(), more.begin(), more.end());
    const Post post(fields, std::move(body));
    return read_binary_cloud_event(post.request).value();
}

/// An event of the required attributes and these members.
CreateEvent read_with(const std::string& members) {
    return read_cloud_event(R"({"specversion":"1.0","id":"1","source":"/s","type":"a.b",)" + members + "}")
        .value();
}

/// `pointer detail` of each fault, in lines.
std::string faults_of(const Error& error) {
    std::string lines;
    for (const auto& fault : error.fields) lines += fault.pointer + " " + fault.detail + "\n";
    return lines;
}

std::string context_of(const CreateEvent& event) {
    std::string text;
    for (const auto& entry : event.context_data) text += entry.key + "=" + entry.value + " ";
    return text;
}

TEST(CloudEvent, FormIsSaidByContentTypeAndFields) {
    const auto form = [](Fields fields) { return form_of(Post(std::move(fields)).request); };
    EXPECT_EQ(form({{"content-type", "application/json"}}).value(), EventForm::own);
    EXPECT_EQ(form({}).value(), EventForm::own);
    EXPECT_EQ(form({{"Content-Type", "text/plain"}, {"Ce-Id", "1"}}).value(), EventForm::cloud_binary);
    EXPECT_EQ(
        form({{"Content-Type", "Application/CloudEvents+JSON; charset=utf-8"}}).value(),
        EventForm::cloud_structured);
    EXPECT_EQ(form({{"Content-Type", "application/cloudevents-batch+json"}}).value(), EventForm::cloud_batch);
    const auto refused = form({{"Content-Type", "application/cloudevents+xml"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "UNSUPPORTED_EVENT_FORMAT");
}

TEST(CloudEvent, AttributesBecomeOurFields) {
    const auto event = read_cloud_event(whole).value();
    EXPECT_EQ(event.type.text(), "com.example.Order");
    EXPECT_EQ(event.source.text(), "/shop");
    EXPECT_EQ(event.subject, "o/1");
    EXPECT_EQ(to_rfc3339(*event.time), "2026-01-01T00:00:00.250Z");
    EXPECT_EQ(event.spec_version, "1.0");
    EXPECT_EQ(event.correlation_id, "c");
    EXPECT_EQ(event.causation_id, "d");
    EXPECT_EQ(event.message_group, "p");
    EXPECT_EQ(event.deduplication_id, R"(["/shop","A 1"])");
    EXPECT_EQ(
        context_of(event), "ce-id=A 1 count=5 dataschema=https://example.com/s partitionkey=p urgent=true ");
    EXPECT_EQ(event.data.text, R"({ "n" : 1e400 })");
    EXPECT_EQ(event.data_kind, store::DataKind::json);
}

TEST(CloudEvent, SourceAndIdTogetherCannotBeMistakenForOthers) {
    const auto key = [](const std::string& source, const std::string& id) {
        const auto body =
            R"({"specversion":"1.0","type":"a","source":")" + source + R"(","id":")" + id + R"("})";
        return read_cloud_event(body).value().deduplication_id;
    };
    EXPECT_NE(key("a", "b/c"), key("a/b", "c"));
    EXPECT_NE(key(R"(a\",\"b)", "c"), key("a", R"(b\",\"c)"));
    EXPECT_EQ(read_with(R"("deduplicationid":"own")").deduplication_id, "own");
    EXPECT_EQ(read_with(R"("messagegroup":"g","partitionkey":"p")").message_group, "g");
}

TEST(CloudEvent, DataIsReadAsItsContentTypeSays) {
    const auto text = read_with(R"("datacontenttype":"text/plain","data":"a\"b")");
    EXPECT_EQ(text.data.text, "a\"b");
    EXPECT_EQ(text.data_kind, store::DataKind::text);
    EXPECT_EQ(text.data_content_type, "text/plain");
    const auto json = read_with(R"("datacontenttype":"application/vnd.x+json","data":"a\"b")");
    EXPECT_EQ(json.data.text, R"("a\"b")") << "a JSON string is JSON";
    EXPECT_EQ(json.data_kind, store::DataKind::json);
    EXPECT_EQ(read_with(R"("data":"x")").data.text, R"("x")");
    EXPECT_EQ(read_with(R"("data":null)").data.text, "null");
    EXPECT_EQ(read_with(R"("subject":"none")").data.text, "");
    EXPECT_EQ(read_with(R"("data":null,"data_base64":"AP8=")").data_base64, "AP8=");
}

TEST(CloudEvent, EveryFaultOfAStructuredEventIsNamed) {
    const auto refused = read_cloud_event(
        R"({"specversion":"0.3","source":"","type":"a b","time":"now","Bad_name":"x","data":1,)"
        R"("data_base64":"?","half":1.5,"subject":"a\u0000"})");
    ASSERT_FALSE(refused);
    const auto faults = faults_of(refused.error());
    for (const auto* line :
         {"/specversion must be \"1.0\"",
          "/id is required",
          "/source is required",
          "/type must be letters",
          "/time must be",
          "/Bad_name is no name of a CloudEvents attribute",
          "/half must be a string, an integer",
          "/subject must not have control characters",
          "/data_base64 must be base 64",
          "/data_base64 must not be there beside data"})
        EXPECT_NE(faults.find(line), std::string::npos) << line << " in\n" << faults;
    EXPECT_EQ(faults_of(read_cloud_event("[]").error()), " must be an object\n");
    EXPECT_EQ(read_cloud_event("{").error().code, "INVALID_JSON");
}

TEST(CloudEvent, BatchIsAnArrayOfEvents) {
    EXPECT_EQ(read_cloud_events("[]").value().items.size(), 0U);
    EXPECT_EQ(read_cloud_events("[" + whole + "," + whole + "]").value().items.size(), 2U);
    EXPECT_EQ(faults_of(read_cloud_events("[" + whole + ",7]").error()), "/1 must be an object\n");
    EXPECT_EQ(faults_of(read_cloud_events("{}").error()), " must be an array\n");
}

TEST(CloudEvent, BinaryHasItsAttributesInFieldsAndItsDataInTheBody) {
    const auto event = read_binary(
        {{"Ce-Subject", "caf%C3%a9%20%22x%22"},
         {"ce-Extension", R"("quoted \"x\" 50%25")"},
         {"Content-Type", "application/json"}},
        " {\"a\" : 1}\n");
    EXPECT_EQ(event.subject, "caf\xc3\xa9 \"x\"");
    EXPECT_EQ(context_of(event), "ce-id=1 extension=quoted \"x\" 50% ");
    EXPECT_EQ(event.data.text, " {\"a\" : 1}\n");
    EXPECT_EQ(event.data_kind, store::DataKind::json);
    EXPECT_EQ(event.data_content_type, "application/json");
}

TEST(CloudEvent, BinaryDataIsOfTheKindThatItsTypeSays) {
    const auto kind = [](std::string_view type, std::string body) {
        return read_binary({{"Content-Type", type}}, std::move(body)).data_kind;
    };
    EXPECT_EQ(kind("text/plain; charset=utf-8", "caf\xc3\xa9"), store::DataKind::text);
    EXPECT_EQ(kind("text/plain; charset=latin1", "caf\xe9"), store::DataKind::binary);
    EXPECT_EQ(kind("image/png", "\x89PNG"), store::DataKind::binary);
    EXPECT_EQ(kind("application/soap+xml", "<a/>"), store::DataKind::text);
    EXPECT_EQ(kind("image/svg+json", "\"x\""), store::DataKind::json);
    EXPECT_EQ(read_binary({}, "{}").data_content_type, "");
    EXPECT_EQ(read_binary({}, "x").data_content_type, "application/octet-stream");
    EXPECT_EQ(read_binary({}).data_content_type, "");
}

TEST(CloudEvent, ContentTypeIsShownInJsonSoItIsUtf8) {
    const Post post(
        {{"ce-specversion", "1.0"},
         {"ce-id", "1"},
         {"ce-source", "/a"},
         {"ce-type", "a"},
         {"Content-Type", "image/\x93"}},
        "x");
    const auto refused = read_binary_cloud_event(post.request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(faults_of(refused.error()), "Content-Type must be UTF-8\n");
}

TEST(CloudEvent, EveryFaultOfABinaryEventNamesItsField) {
    const Post post(
        {{"ce-specversion", "2"},
         {"ce-type", "a.b"},
         {"ce-type", "a.b"},
         {"ce-subject", "%zz"},
         {"ce-other", "%ff"},
         {"ce-a_b", "x"},
         {"ce-datacontenttype", "text/plain"},
         {"Content-Type", "application/json"}},
        "no JSON");
    const auto refused = read_binary_cloud_event(post.request);
    ASSERT_FALSE(refused);
    const auto faults = faults_of(refused.error());
    for (const auto* line :
         {"ce-specversion must be \"1.0\"",
          "ce-id is required",
          "ce-source is required",
          "ce-type must be there once",
          "ce-subject must be percent-encoded UTF-8",
          "ce-other must be percent-encoded UTF-8",
          "ce-a_b is no name",
          "ce-datacontenttype must not be there",
          " is not the JSON that Content-Type says"})
        EXPECT_NE(faults.find(line), std::string::npos) << line << " in\n" << faults;
}

}  // namespace
}  // namespace fc::messaging
