#include "flowcatalyst/cli/event_file.h"

#include <gtest/gtest.h>

namespace fc::cli {
namespace {

std::vector<std::string> places_and_bytes(std::string_view text) {
    std::vector<std::string> out;
    for (const auto& event : read_events(text).value())
        out.push_back(event.place + " " + std::string(event.json));
    return out;
}

using Lines = std::vector<std::string>;

TEST(EventFile, ArrayKeepsTheBytesOfEachEvent) {
    EXPECT_EQ(places_and_bytes(R"( [ {"n": 1.0}, {"n":2} ] )"), (Lines{R"(/0 {"n": 1.0})", R"(/1 {"n":2})"}));
}

TEST(EventFile, EnvelopeNamesItsMember) {
    EXPECT_EQ(places_and_bytes("{\n\"events\":[{},{}]}"), (Lines{"/events/0 {}", "/events/1 {}"}));
}

TEST(EventFile, EventALineIsNumberedAsInAnEditor) {
    EXPECT_EQ(
        places_and_bytes("\n{\"a\":1}\r\n\n {\"b\":2}"), (Lines{"line 2 {\"a\":1}", "line 4 {\"b\":2}"}));
}

TEST(EventFile, OneEventMaySpanLines) {
    EXPECT_EQ(places_and_bytes("{\n\"type\":\"a\"\n}\n"), (Lines{"the event {\n\"type\":\"a\"\n}"}));
}

TEST(EventFile, SaysWhatIsWrong) {
    const auto why = [](std::string_view text) { return read_events(text).error().detail; };
    EXPECT_EQ(why(" \n"), "is empty");
    EXPECT_EQ(why("[]"), "has no events");
    EXPECT_EQ(why("{\"events\":[]}"), "has no events");
    EXPECT_EQ(why("{\"events\":{}}"), "/events must be an array");
    EXPECT_TRUE(why("{").starts_with("is not JSON: at byte 1"));
    EXPECT_TRUE(why("{}\n{}\n{\n").starts_with("line 3 is not JSON"));
    EXPECT_TRUE(why("5").starts_with("is neither"));
}

TEST(EventFile, BatchEndsAtEitherLimitButHasAnEvent) {
    const auto events = read_events(R"([{"a":"1234"},{},{},{}])").value();
    EXPECT_EQ(end_of_batch(events, 0, 100, 1'000), 4U);
    EXPECT_EQ(end_of_batch(events, 0, 3, 1'000), 3U);
    EXPECT_EQ(end_of_batch(events, 0, 100, 5), 1U);
    EXPECT_EQ(end_of_batch(events, 1, 100, 6), 3U);
}

TEST(EventFile, PointerIntoABatchIsTakenApart) {
    EXPECT_EQ(parse_event_pointer("/events/12/contextData/0/key")->event, 12U);
    EXPECT_EQ(parse_event_pointer("/events/12/contextData/0/key")->rest, "/contextData/0/key");
    EXPECT_EQ(parse_event_pointer("/events/3")->rest, "");
    for (const auto* text : {"", "/events", "/events/", "/events/x", "/events/1x", "/items/1"}) {
        EXPECT_FALSE(parse_event_pointer(text)) << text;
    }
}

}  // namespace
}  // namespace fc::cli
