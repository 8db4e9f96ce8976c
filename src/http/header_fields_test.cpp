#include "http/header_fields.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

using namespace std::string_view_literals;

TEST(HeaderFields, AreTheLinesOfAHeadInTheirOrder) {
    HeaderFields fields{{"X-Id", "7"}, {"Accept", "a/b"}};
    fields.add("X-Empty", "");
    EXPECT_EQ(fields.text(), "X-Id: 7\r\nAccept: a/b\r\nX-Empty: \r\n");
    EXPECT_EQ(fields.fault(), "");
    EXPECT_EQ(fields.find("accept"), "a/b");
    EXPECT_EQ(fields.find("x-empty"), "");
    EXPECT_FALSE(fields.find("X-I"));
    EXPECT_FALSE(fields.find("Accept: a/b")) << "a name, not a line";
}

TEST(HeaderFields, SetTakesThePlaceOfAllOfTheSameNameInAnyCase) {
    HeaderFields fields{{"A", "1"}, {"X-Id", "7"}, {"x-id", "8"}, {"B", "2"}};
    fields.set("X-ID", "9");
    EXPECT_EQ(fields.text(), "A: 1\r\nB: 2\r\nX-ID: 9\r\n");
    fields.set("C", "A: 5");
    fields.set("A", "3");
    EXPECT_EQ(fields.text(), "B: 2\r\nX-ID: 9\r\nC: A: 5\r\nA: 3\r\n");
}

TEST(HeaderFields, LeaveOutWhatFramesTheMessage) {
    HeaderFields fields{{"HOST", "other"}, {"content-length", "0"}, {"Transfer-Encoding", "chunked"}};
    fields.set("Connection", "close");
    EXPECT_EQ(fields.text(), "");
    EXPECT_EQ(fields.fault(), "");
}

TEST(HeaderFields, NothingWithAControlCharacterGoesOut) {
    for (const auto value : {"1\r\nX-B: 2"sv, "1\n2"sv, "\r"sv, "\x7f"sv, "a\0b"sv}) {
        HeaderFields fields;
        fields.add("X-A", value);
        EXPECT_EQ(fields.text(), "");
        EXPECT_EQ(fields.fault(), "the value of the header X-A has a control character");
    }
    for (const std::string_view name : {"", "a b", "a:", "a\r\nb", "\xc3\xa4"}) {
        HeaderFields fields;
        fields.add(name, "1");
        EXPECT_EQ(fields.text(), "");
        EXPECT_EQ(fields.fault(), "a header name is malformed");
    }
    HeaderFields fields;
    fields.add("X-A", "tab\tand \xc3\xa4 pass");
    EXPECT_EQ(fields.text(), "X-A: tab\tand \xc3\xa4 pass\r\n");
}

}  // namespace
}  // namespace fc::http
