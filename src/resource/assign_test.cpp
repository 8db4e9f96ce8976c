#include "resource/assign.h"

#include <gtest/gtest.h>

#include <string>

namespace fc::resource::assign_test {

struct Thing {
    std::string name = "old";
    int size = 1;
    std::optional<int> limit = 5;
    int kept = 7;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (name, size, limit, kept))

struct Base {
    std::optional<std::string> name;
    std::optional<std::optional<int>> limit;
};
BOOST_DESCRIBE_STRUCT(Base, (), (name, limit))

struct Edit : Base {
    std::optional<std::string> size;  // of another type: not the same member
    std::optional<int> unknown;
};
BOOST_DESCRIBE_STRUCT(Edit, (Base), (size, unknown))

TEST(Assign, TakesWhatIsGivenAndLeavesTheRest) {
    Thing thing;
    Edit edit;
    assign(thing, edit);
    EXPECT_EQ(thing.name, "old");
    EXPECT_EQ(thing.limit, 5);
    edit.name = "new";
    edit.size = "9";
    edit.limit.emplace(std::nullopt);
    assign(thing, edit);
    EXPECT_EQ(thing.name, "new");
    EXPECT_EQ(thing.size, 1);
    EXPECT_EQ(thing.limit, std::nullopt) << "null is a value";
    EXPECT_EQ(thing.kept, 7);
}

TEST(Assign, TheOtherSpellingCountsWhenItChangesSomething) {
    const std::optional<int> absent;
    const std::optional<int> old = 1;
    const std::optional<int> now = 2;
    EXPECT_FALSE(is_changed_by(absent, now, 1));
    EXPECT_TRUE(is_changed_by(old, absent, 1));
    EXPECT_FALSE(is_changed_by(old, now, 1));
    EXPECT_TRUE(is_changed_by(now, old, 1));
}

}  // namespace fc::resource::assign_test
