#include "codec/json.h"

#include <gtest/gtest.h>

namespace fc::codec::json_test {

struct Narrow {
    std::vector<std::string> types;
    std::optional<Bounded<1, 900>> timeout_seconds;
    std::optional<std::optional<Bounded<1, 900>>> rate;
    std::optional<std::optional<Tsid>> owner;
};
BOOST_DESCRIBE_STRUCT(Narrow, (), (types, timeout_seconds, rate, owner))

}  // namespace fc::codec::json_test

template <>
struct fc::codec::Rules<fc::codec::json_test::Narrow> {
    static constexpr bool is_closed = true;
    static constexpr auto names = std::tuple{alias(&json_test::Narrow::types, "type")};
};

namespace fc::codec::json_test {

TEST(JsonClosed, NamesEachMemberThatItDoesNotKnow) {
    const auto refused = from_json<Narrow>(R"({"types":[],"typ":1,"a/b":{}})");
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().fields.size(), 2U);
    EXPECT_EQ(refused.error().fields[0].pointer, "/typ");
    EXPECT_EQ(refused.error().fields[1].pointer, "/a~1b");
    EXPECT_TRUE(from_json<Narrow>(R"({"type":["a"],"timeoutSeconds":5})")) << "an alias is known";
}

TEST(JsonOptional, ZeroOfWhatBeginsAtOneAndAnEmptyIdAreNoValue) {
    const auto read = from_json<Narrow>(R"({"timeoutSeconds":0,"rate":0,"owner":""})").value();
    EXPECT_FALSE(read.timeout_seconds);
    EXPECT_TRUE(read.rate && !*read.rate) << "given, and lifted";
    EXPECT_TRUE(read.owner && !*read.owner);
    EXPECT_FALSE(from_json<Narrow>(R"({"timeoutSeconds":-1})"));
    EXPECT_FALSE(from_json<Narrow>("{}").value().owner) << "not given";
}

}  // namespace fc::codec::json_test
