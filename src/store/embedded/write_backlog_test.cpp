#include "store/embedded/write_backlog.h"

#include <gtest/gtest.h>

namespace fc::store::sqlite {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A backlog whose clock goes on by what each commit took.
class WriteBacklogTest : public testing::Test {
public:
    void commit(std::size_t rows, WriteBacklog::Duration took) {
        backlog.add(rows);
        backlog.begin(now);
        now += took;
        backlog.end(now);
    }

    WriteBacklog backlog;
    WriteBacklog::Time now{std::chrono::hours{1}};
};

TEST_F(WriteBacklogTest, NobodyWaitsWhereNothingIsWritten) {
    EXPECT_EQ(backlog.wait(now), milliseconds{0});
    commit(10'000, milliseconds{900});
    EXPECT_EQ(backlog.wait(now), milliseconds{0});
}

TEST_F(WriteBacklogTest, WaitIsWhatLiesBeforeAtThePaceOfTheLastCommits) {
    for (int n = 0; n < 40; ++n) commit(1'000, milliseconds{50});
    backlog.add(2'000);
    EXPECT_NEAR(static_cast<double>(backlog.wait(now) / microseconds{1}), 100'000, 1'000);
    backlog.begin(now);
    backlog.add(2'000);
    EXPECT_NEAR(static_cast<double>(backlog.wait(now) / microseconds{1}), 200'000, 1'000)
        << "the running commit counts";
}

TEST_F(WriteBacklogTest, FirstBurstIsBoundedBeforeThereIsAMeasure) {
    backlog.add(20'000);
    EXPECT_EQ(backlog.wait(now), milliseconds{200});
    for (int n = 0; n < 40; ++n) commit(20'000, milliseconds{1});
    backlog.add(20'000);
    EXPECT_EQ(backlog.wait(now), milliseconds{200}) << "nor does a fast store take any number";
}

TEST_F(WriteBacklogTest, SmallCommitsDoNotMakeRowsLookDear) {
    for (int n = 0; n < 40; ++n) commit(1, milliseconds{1});
    backlog.add(1'000);
    EXPECT_EQ(backlog.wait(now), milliseconds{10}) << "a thousand rows share the disk's time";
}

TEST_F(WriteBacklogTest, CommitThatStandsStillIsNoticedBeforeItEnds) {
    for (int n = 0; n < 40; ++n) commit(10, milliseconds{1});
    backlog.add(10);
    backlog.begin(now);
    backlog.add(90);
    EXPECT_LT(backlog.wait(now), milliseconds{2});
    EXPECT_EQ(backlog.wait(now + milliseconds{500}), milliseconds{500});
}

TEST_F(WriteBacklogTest, OneSlowCommitIsSoonForgotten) {
    commit(100, milliseconds{400});
    for (int n = 0; n < 20; ++n) commit(1'000, milliseconds{10});
    backlog.add(1'000);
    EXPECT_LT(backlog.wait(now), milliseconds{25});
}

}  // namespace
}  // namespace fc::store::sqlite
