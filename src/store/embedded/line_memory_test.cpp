#include "store/embedded/line_memory.h"

#include <gtest/gtest.h>

namespace fc::store::sqlite {
namespace {

constexpr Tsid owner{7};

int take_excess(LineMemory& memory) {
    int taken = 0;
    while (memory.take_excess()) ++taken;
    return taken;
}

JobRecord job(std::uint64_t id) {
    JobRecord made;
    made.id = Tsid{id};
    return made;
}

TEST(LineMemory, GivesTheWaitingInTheirOrder) {
    LineMemory memory(100'000);
    EXPECT_EQ(memory.find(owner, "g"), nullptr);
    auto& line = memory.add_empty(owner, "g");
    memory.push_back(line, job(1));
    memory.push_back(line, job(2));
    EXPECT_EQ(memory.find(owner, "g"), &line);
    EXPECT_EQ(memory.find(owner, "h"), nullptr);
    EXPECT_EQ(memory.find(Tsid{8}, "g"), nullptr) << "the same group of another owner";
    EXPECT_EQ(memory.pop_front(line)->id, Tsid{1});
    EXPECT_EQ(memory.pop_front(line)->id, Tsid{2});
    EXPECT_FALSE(memory.pop_front(line));
}

TEST(LineMemory, ForgetsTheLineUsedLongestAgo) {
    LineMemory memory(10 * sizeof(JobRecord));
    for (const auto* group : {"a", "b", "c"}) memory.push_back(memory.add_empty(owner, group), job(1));
    ASSERT_NE(memory.find(owner, "a"), nullptr);
    while (memory.find(owner, "c") != nullptr) {
        ASSERT_NE(memory.find(owner, "a"), nullptr);
        memory.push_back(*memory.find(owner, "a"), job(2));
        take_excess(memory);
    }
    EXPECT_EQ(memory.find(owner, "b"), nullptr) << "it was used before c";
    EXPECT_NE(memory.find(owner, "a"), nullptr);
}

TEST(LineMemory, LinesOfOneJobEachAreBoundedToo) {
    LineMemory memory(100 * sizeof(JobRecord));
    for (int group = 0; group < 10'000; ++group) {
        memory.add_empty(owner, std::to_string(group)).head = Tsid{1};
        take_excess(memory);
    }
    EXPECT_EQ(memory.find(owner, "0"), nullptr);
    EXPECT_NE(memory.find(owner, "9999"), nullptr);
}

TEST(LineMemory, WhatIsTakenIsWhole) {
    LineMemory memory(100'000);
    auto& line = memory.add_empty(owner, "g");
    line.head = Tsid{1};
    memory.push_back(line, job(2));
    const auto taken = memory.take(owner, "g");
    EXPECT_EQ(taken->head, Tsid{1});
    EXPECT_EQ(taken->waiting.front().id, Tsid{2});
    EXPECT_EQ(memory.find(owner, "g"), nullptr);
    EXPECT_FALSE(memory.take(owner, "g"));
}

TEST(LineMemory, ALineThatAloneIsTooLongIsExcess) {
    LineMemory memory(10 * sizeof(JobRecord));
    memory.add_empty(owner, "g");
    int pushed = 0;
    for (; take_excess(memory) == 0; ++pushed) memory.push_back(*memory.find(owner, "g"), job(1));
    EXPECT_LE(pushed, 10);
    memory.add_empty(owner, "g");
    EXPECT_EQ(take_excess(memory), 0) << "the bytes of the first are counted no longer";
}

}  // namespace
}  // namespace fc::store::sqlite
