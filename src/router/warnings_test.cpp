#include "router/warnings.h"

#include <gtest/gtest.h>

namespace fc::router {
namespace {

const TimePoint start = from_unix_millis(1'800'000'000'000);

Warnings::Draft draft(std::string message, Severity severity = Severity::warning) {
    return {.category = "ROUTING", .severity = severity, .message = std::move(message), .source = "router"};
}

TEST(Warnings, NewestFirstAndAtMostAThousand) {
    Warnings warnings;
    for (int i = 0; i < 1'010; ++i) warnings.add(draft(std::to_string(i)), start);
    EXPECT_EQ(warnings.size(), 1'000u);
    EXPECT_EQ(warnings.list().front().message, "1009");
    EXPECT_EQ(warnings.list().back().message, "10");
}

TEST(Warnings, SameTextIsCountedNotRepeated) {
    Warnings warnings;
    warnings.add(draft("a"), start);
    warnings.add(draft("b"), start);
    warnings.add(draft("a"), start + Millis{5});
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings.list().front().message, "a");
    EXPECT_EQ(warnings.list().front().count, 2u);
    EXPECT_EQ(warnings.list().front().timestamp, start + Millis{5});
    warnings.acknowledge(warnings.list().front().id);
    warnings.add(draft("a"), start);
    EXPECT_EQ(warnings.size(), 3u) << "what comes after an acknowledgement is new";
}

TEST(Warnings, AcknowledgedById) {
    Warnings warnings;
    warnings.add(draft("a"), start);
    EXPECT_EQ(warnings.list().front().id.size(), 36u);
    EXPECT_FALSE(warnings.acknowledge("unknown"));
    EXPECT_TRUE(warnings.acknowledge(warnings.list().front().id));
    EXPECT_TRUE(warnings.unacknowledged().empty());
}

TEST(Warnings, OldOnesAreAcknowledgedAndCleared) {
    Warnings warnings;
    warnings.add(draft("a"), start);
    warnings.add(draft("b", Severity::critical), start + Millis{8 * 3'600'000});
    warnings.acknowledge_old(start + Millis{8 * 3'600'000});
    ASSERT_EQ(warnings.unacknowledged().size(), 1u);
    EXPECT_EQ(warnings.unacknowledged().front().message, "b");
    EXPECT_EQ(warnings.of_severity(Severity::critical).size(), 1u);
    warnings.clear_older_than(start + Millis{1});
    EXPECT_EQ(warnings.size(), 1u);
}

TEST(Warnings, Defect45WarnIsWarning) {
    EXPECT_EQ(parse_severity("WARN"), Severity::warning);
    EXPECT_EQ(parse_severity("warning"), Severity::warning);
    EXPECT_EQ(parse_severity("Critical"), Severity::critical);
    EXPECT_EQ(parse_severity("loud"), std::nullopt);
}

}  // namespace
}  // namespace fc::router
