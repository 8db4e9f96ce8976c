#include "router/group_queue.h"

#include <gtest/gtest.h>

namespace fc::router {
namespace {

using Jobs = std::vector<std::uint64_t>;

bool push(GroupQueue& queue, std::uint64_t job, const std::string& group, std::uint64_t batch = 1) {
    return queue.push({.job = job, .group = group, .batch = batch, .high_priority = false});
}

TEST(GroupQueue, Defect19OneOfAGroupIsOutAtATime) {
    GroupQueue queue;
    EXPECT_TRUE(push(queue, 1, "a"));
    EXPECT_FALSE(push(queue, 2, "a"));
    EXPECT_FALSE(push(queue, 3, "a"));
    EXPECT_TRUE(push(queue, 4, "b"));
    EXPECT_EQ(queue.waiting(), 2u);
    EXPECT_EQ(queue.finish("a", 1, false).next, 2u);
    EXPECT_EQ(queue.finish("a", 1, false).next, 3u);
    EXPECT_EQ(queue.finish("a", 1, false).next, std::nullopt);
    EXPECT_TRUE(push(queue, 5, "a")) << "an ended group starts anew";
}

TEST(GroupQueue, PointersWithoutAGroupWaitForNobody) {
    GroupQueue queue;
    EXPECT_TRUE(push(queue, 1, ""));
    EXPECT_TRUE(push(queue, 2, ""));
    EXPECT_EQ(queue.finish("", 1, true).nacked, Jobs{});
    EXPECT_EQ(queue.groups(), 0u);
}

TEST(GroupQueue, Defect20FailureGivesBackTheRestOfItsBatchAndGroup) {
    GroupQueue queue;
    push(queue, 1, "a", 1);
    push(queue, 2, "a", 1);
    push(queue, 3, "a", 1);
    push(queue, 4, "a", 2);
    push(queue, 5, "b", 1);
    push(queue, 6, "b", 1);
    const auto finished = queue.finish("a", 1, true);
    EXPECT_EQ(finished.nacked, (Jobs{2, 3}));
    EXPECT_EQ(finished.next, 4u) << "a later batch goes on";
    EXPECT_EQ(queue.finish("b", 1, false).next, 6u) << "another group does not notice";
}

TEST(GroupQueue, Defect32FailuresLeaveNothingBehind) {
    GroupQueue queue;
    push(queue, 1, "a", 1);
    push(queue, 2, "a", 1);
    EXPECT_EQ(queue.finish("a", 1, true).nacked, Jobs{2});
    EXPECT_EQ(queue.waiting(), 0u);
    EXPECT_EQ(queue.groups(), 0u);
    EXPECT_TRUE(push(queue, 1, "a", 2)) << "the redelivery is tried";
}

TEST(GroupQueue, Defect44HighPriorityOvertakesInItsGroupOnly) {
    GroupQueue queue;
    push(queue, 1, "a");
    push(queue, 2, "a");
    EXPECT_FALSE(queue.push({.job = 3, .group = "a", .batch = 1, .high_priority = true}));
    EXPECT_FALSE(queue.push({.job = 4, .group = "a", .batch = 1, .high_priority = true}));
    EXPECT_EQ(queue.finish("a", 1, false).next, 3u);
    EXPECT_EQ(queue.finish("a", 1, false).next, 4u);
    EXPECT_EQ(queue.finish("a", 1, false).next, 2u);
}

TEST(GroupQueue, DropsWhatWaitsAndKeepsWhatIsOut) {
    GroupQueue queue;
    for (std::uint64_t job = 1; job <= 3; ++job) push(queue, job, "a");
    EXPECT_EQ(queue.drop_all(), (Jobs{2, 3}));
    EXPECT_EQ(queue.waiting(), 0u);
    EXPECT_FALSE(push(queue, 4, "a")) << "1 is still out";
    EXPECT_EQ(queue.finish("a", 1, false).next, 4u);
}

}  // namespace
}  // namespace fc::router
