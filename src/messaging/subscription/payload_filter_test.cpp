#include "messaging/subscription/payload_filter.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

PayloadFilter parsed(const std::string& json) {
    return codec::from_json<PayloadFilter>(json).value();
}

std::string faults_of(const std::string& json) {
    const auto filter = codec::from_json<PayloadFilter>(json);
    std::string faults;
    if (filter) return faults;
    for (const auto& field : filter.error().fields) faults += field.pointer + ' ' + field.detail + '\n';
    return faults;
}

store::EventRecord order() {
    store::EventRecord event;
    event.id = Tsid{7};
    event.type = "order.created";
    event.source = "shop";
    event.client_id = Tsid{9};
    event.time = from_rfc3339("2026-01-31T10:20:30Z").value();
    event.context_data.text = R"([{"key":"region","value":"eu"},{"key":"n","value":"1"}])";
    event.data = R"({"amount":100.50,"big":9007199254740993,"currency":"EUR","paid":true,"note":null,
        "a.b":{"c/d":1},"item":{"sku":"A-1","tags":["vip",7]},"lines":[{"sku":"X"},{"sku":"Y"}],
        "umlaut":"\u00e4"})";
    return event;
}

bool matches(const std::string& filter, const store::EventRecord& event = order()) {
    return parsed(filter).matches(FilteredEvent(event));
}
std::string mismatch(const std::string& filter, const store::EventRecord& event = order()) {
    return parsed(filter).mismatch(FilteredEvent(event)).value_or("matches");
}

struct Case {
    const char* filter;
    bool holds;
};

class FilterCases : public ::testing::TestWithParam<Case> {};

TEST_P(FilterCases, HoldsOrNot) {
    EXPECT_EQ(matches(GetParam().filter), GetParam().holds) << GetParam().filter;
}

INSTANTIATE_TEST_SUITE_P(
    Data,
    FilterCases,
    ::testing::Values(
        Case{R"({})", true},
        Case{R"({"data.currency":"EUR"})", true},
        Case{R"({"data.currency":"eur"})", false},
        Case{R"({"data.currency":{"$eq":"EUR","$ne":"USD"}})", true},
        Case{R"({"data.currency":{"in":["USD","EUR"]}})", true},
        Case{R"({"data.currency":{"in":["USD",1]}})", false},
        Case{R"({"data.currency":{"not":{"in":["USD"]}}})", true},
        Case{R"({"data.currency":{"prefix":"E","suffix":"R","contains":"U"}})", true},
        Case{R"({"data.currency":{"prefix":"U"}})", false},
        Case{R"({"data.amount":{"gte":1005e-1,"lte":100.5}})", true},
        Case{R"({"data.amount":{"gt":100.5}})", false},
        Case{R"({"data.amount":{"lt":100.5000000000000000001}})", true},
        Case{R"({"data.amount":"100.50"})", false},
        Case{R"({"data.big":9007199254740993})", true},
        Case{R"({"data.big":{"gt":9007199254740992}})", true},
        Case{R"({"data.big":9007199254740992})", false},
        Case{R"({"data.currency":{"gt":"EUQ"}})", true},
        Case{R"({"data.currency":{"gt":5}})", false},
        Case{R"({"data.paid":true})", true},
        Case{R"({"data.paid":false})", false},
        Case{R"({"data.note":null})", true},
        Case{R"({"data.missing":null})", false},
        Case{R"({"data.note":{"exists":true},"data.missing":{"exists":false}})", true},
        Case{R"({"data.missing":{"ne":1}})", true},
        Case{R"({"data.missing":{"lt":1}})", false},
        Case{R"({"data.item.sku":"A-1","/data/item/sku":"A-1"})", true},
        Case{R"({"/data/a.b/c~1d":1})", true},
        Case{R"({"data.lines.1.sku":"Y"})", true},
        Case{R"({"data.lines.2.sku":{"exists":false},"data.lines.x":{"exists":false}})", true},
        Case{R"({"data.item.tags":{"contains":"vip"}})", true},
        Case{R"({"data.item.tags":{"contains":7.0}})", true},
        Case{R"({"data.item.tags":{"contains":"vi"}})", false},
        Case{R"({"data.umlaut":"ä"})", true},
        Case{R"({"data.item":{"exists":true}})", true}));

INSTANTIATE_TEST_SUITE_P(
    FieldsAndLogic,
    FilterCases,
    ::testing::Values(
        Case{R"({"type":{"prefix":"order."},"source":"shop"})", true},
        Case{R"({"subject":{"exists":false}})", true},
        Case{R"({"subject":{"prefix":""}})", false},
        Case{R"({"clientId":"0000000000009","id":"0000000000007"})", true},
        Case{R"({"time":{"gte":"2026-01-31T11:20:30+01:00","lt":"2026-01-31T10:20:30.001Z"}})", true},
        Case{R"({"time":{"prefix":"2026-01-"}})", true},
        Case{R"({"contextData.region":"eu"})", true},
        Case{R"({"contextData.none":"eu"})", false},
        Case{R"({"or":[{"data.currency":"USD"},{"data.amount":{"gt":100}}]})", true},
        Case{R"({"or":[{"data.currency":"USD"},{"data.amount":{"gt":101}}]})", false},
        Case{R"({"and":[{"source":"shop"},{"not":{"data.paid":false}}]})", true},
        Case{R"({"not":{"source":"shop","data.paid":false}})", true},
        Case{R"({"$not":{"source":"shop"}})", false},
        Case{R"({"source":"shop","or":[{"data.paid":false}]})", false}));

TEST(PayloadFilter, SaysWhichConditionFailedAndWhatWasFound) {
    EXPECT_EQ(mismatch(R"({"data.amount":{"gte":200}})"), "data.amount gte 200: it is 100.50");
    EXPECT_EQ(mismatch(R"({"data.currency":"USD"})"), R"(data.currency eq "USD": it is "EUR")");
    EXPECT_EQ(mismatch(R"({"subject":"a"})"), R"(subject eq "a": it is not there)");
    EXPECT_EQ(
        mismatch(R"({"or":[{"subject":"a"},{"data.paid":false}]})"),
        R"(none of: subject eq "a": it is not there; data.paid eq false: it is true)");
    EXPECT_EQ(mismatch(R"({"not":{"source":"shop"}})"), R"(excluded by not {"source":"shop"})");
    EXPECT_EQ(
        mismatch(R"({"data.currency":{"not":{"in":["EUR"]}}})"),
        R"(excluded by not data.currency {"in":["EUR"]})");
    EXPECT_EQ(mismatch(R"({"source":"shop"})"), "matches");
}

TEST(PayloadFilter, ReasonsAreShortAndWholeCharacters) {
    auto event = order();
    for (int n = 0; n < 100; ++n) event.subject += "ä";
    const auto reason = mismatch(R"({"subject":"a"})", event);
    EXPECT_LT(reason.size(), 130U);
    EXPECT_TRUE(codec::JsonDocument::parse(codec::to_json(reason))) << reason;
}

TEST(PayloadFilter, TextThatIsJsonIsReadAsJson) {
    auto event = order();
    event.data_kind = store::DataKind::text;
    EXPECT_TRUE(matches(R"({"data.currency":"EUR"})", event));
    event.data = "plain words";
    EXPECT_TRUE(matches(R"({"data":{"contains":"words"},"source":"shop"})", event));
    EXPECT_FALSE(matches(R"({"data.currency":{"exists":true}})", event));
    event.data = "";
    EXPECT_TRUE(matches(R"({"data":{"exists":false}})", event));
}

TEST(PayloadFilter, OfAMemberGivenTwiceTheLastCounts) {
    auto event = order();
    event.data = R"({"a":1,"a":2})";
    EXPECT_TRUE(matches(R"({"data.a":2})", event));
    EXPECT_FALSE(matches(R"({"data.a":1})", event));
}

TEST(PayloadFilter, ComesBackAsItWasGiven) {
    const std::string text = R"({"data.a": {"$gte": 1e2}, "or":[{"type":"a"}]})";
    EXPECT_EQ(codec::to_json(parsed(text)), text);
    EXPECT_TRUE(parsed("{}").empty());
    EXPECT_TRUE(parsed("null").empty());
}

TEST(PayloadFilter, EveryFaultIsNamedByItsPlace) {
    EXPECT_TRUE(faults_of("[]").starts_with(" must be an object")) << faults_of("[]");
    const auto faults =
        faults_of(R"({"nope":1,"data.a":{"like":1,"lt":true,"exists":1,"prefix":5},"data..b":1,
        "subject.x":1,"data.c":{"in":[]},"data.d":{"in":"x"},"data.e":{"eq":{}},"data.f":{},
        "time":"yesterday","or":[],"and":{},"not":[1],"contextData":1,"time ":1,"data.g":{"in":[{}]}})");
    for (const auto* pointer :
         {"/nope is no field of an event",
          "/data.a/like is no operator",
          "/data.a/lt must be a number or a string",
          "/data.a/exists must be true or false",
          "/data.a/prefix must be a string",
          "/data..b has an empty part",
          "/subject.x subject has nothing inside",
          "/data.c/in must not be empty",
          "/data.d/in must be an array",
          "/data.e/eq must be a string, a number, true, false or null",
          "/data.f must name an operator",
          "/time must be a date and time",
          "/or must not be empty",
          "/and must be an array",
          "/not must be an object",
          "/contextData must be contextData.<key>",
          "/data.g/in/0 must be a string"})
        EXPECT_NE(faults.find(pointer), std::string::npos) << pointer << " in\n" << faults;
}

std::string repeated(const std::string& part, int count) {
    std::string text;
    for (int n = 0; n < count; ++n) text += part;
    return text;
}

TEST(PayloadFilter, HasBounds) {
    EXPECT_EQ(faults_of(repeated(R"({"not":)", 7) + R"({"type":"a"})" + repeated("}", 7)), "");
    EXPECT_NE(faults_of(repeated(R"({"not":)", 8) + R"({"type":"a"})" + repeated("}", 8)), "");
    std::string list;
    for (int n = 0; n < 100; ++n) list += (n == 0 ? "" : ",") + std::string(R"({"type":"a"})");
    EXPECT_EQ(faults_of(R"({"or":[)" + list + "]}"), "");
    EXPECT_NE(faults_of(R"({"or":[)" + list + R"(,{"type":"a"}]})"), "");
    EXPECT_EQ(faults_of(R"({"type":{"in":[0)" + repeated(",1", 99) + "]}}"), "");
    EXPECT_NE(faults_of(R"({"type":{"in":[0)" + repeated(",1", 100) + "]}}"), "");
    EXPECT_EQ(faults_of(R"({"data)" + repeated(".a", 31) + R"(":1})"), "");
    EXPECT_NE(faults_of(R"({"data)" + repeated(".a", 32) + R"(":1})"), "");
    EXPECT_NE(faults_of(R"({"type":")" + std::string(16'384, 'a') + R"("})"), "");
}

}  // namespace
}  // namespace fc::messaging
