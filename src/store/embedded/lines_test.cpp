#include "store/embedded/lines.h"

#include "store/embedded/function_op_test.h"
#include "store/embedded/job_writes.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>

namespace fc::store::sqlite {
namespace {

/// Jobs 2, 4 and 6 stand in one group, and a process writes.
struct LinesTest : testing::Test {
    LinesTest() {
        prepare_store(connection);
        restart();
        for (const std::uint64_t id : {2, 4, 6}) append(id, "g");
    }

    void restart(const LineLimits& limits = {}) {
        committer = std::make_unique<Committer>(connection, limits);
    }
    void append(std::uint64_t id, const std::string& group) {
        commit([&](Transaction& transaction) {
            auto event = event_with_one_job(Tsid{id - 1}, Tsid{id});
            event.jobs[0].message_group = group;
            append_events(transaction, {event}, clock.now());
        });
    }

    std::vector<ReadyJob> commit(std::function<void(Transaction&)> work) {
        std::vector<std::unique_ptr<WriteOp>> operations;
        operations.push_back(std::make_unique<FunctionOp>(std::move(work)));
        auto result = committer->run(operations);
        failed = result.failures[0] != nullptr;
        return std::move(result.ready);
    }

    void end(Transaction& transaction, std::uint64_t id) {
        Settlement settlement;
        settlement.kind = Settlement::Kind::completed;
        settlement.job = *transaction.jobs.find(Tsid{id});
        settle(transaction, settlement, clock.now());
    }
    void end(std::uint64_t id) {
        commit([&](Transaction& transaction) { end(transaction, id); });
    }

    std::vector<std::int64_t> heads_by_row() {
        std::vector<std::int64_t> heads;
        Statement rows(connection, "select id from jobs where ready = 1 order by id");
        while (rows.step()) heads.push_back(rows.integer(0));
        return heads;
    }
    std::vector<std::int64_t> in_index() {
        std::vector<std::int64_t> members;
        Statement rows(connection, "select id from jobs indexed by jobs_line where in_line = 1 order by id");
        while (rows.step()) members.push_back(rows.integer(0));
        return members;
    }
    /// As a reader sees it.
    bool is_ready(std::uint64_t id) {
        Statement row(connection, "select " + job_columns + " from jobs where id = ?");
        row.bind(Tsid{id}).step();
        auto job = read_job(row);
        committer->unsaved_heads().show(job);
        return job.ready;
    }
    /// As the scheduler asks after a start.
    std::vector<Tsid> due() {
        commit([&](Transaction& transaction) { lanes(transaction, clock.now()); });
        clock.advance(Millis{1});
        std::vector<Tsid> ids;
        commit([&](Transaction& transaction) {
            for (const auto& each : due_jobs(transaction, {Tsid{7}, {}}, {}, 10, clock.now()).jobs)
                ids.push_back(each.job.id);
        });
        return ids;
    }

    using Ids = std::vector<std::int64_t>;
    const ScratchDirectory scratch;
    Connection connection{scratch.file().string(), Access::read_write};
    ManualClock clock;
    std::unique_ptr<Committer> committer;
    bool failed = false;
};

TEST_F(LinesTest, HeadIsWrittenDownWhenSomebodyAsks) {
    end(2);
    EXPECT_EQ(heads_by_row(), Ids{});
    EXPECT_TRUE(is_ready(4));
    EXPECT_FALSE(is_ready(6));
    EXPECT_EQ(due(), std::vector<Tsid>{Tsid{4}});
    EXPECT_EQ(heads_by_row(), Ids{4});
}

TEST_F(LinesTest, HeadThatEndsBeforeIsNeverWrittenDown) {
    end(2);
    end(4);
    EXPECT_EQ(heads_by_row(), Ids{});
    EXPECT_FALSE(is_ready(4));
    EXPECT_TRUE(is_ready(6));
}

TEST_F(LinesTest, AfterADeathTheFirstOfALineIsItsHead) {
    end(2);
    restart();
    EXPECT_FALSE(is_ready(4));
    EXPECT_EQ(due(), std::vector<Tsid>{Tsid{4}});
    EXPECT_EQ(heads_by_row(), Ids{4});
}

TEST_F(LinesTest, AfterADeathAJobThatWasSentAgainIsNoSecondHead) {
    commit(
        [&](Transaction& transaction) { (void)cancel_job(transaction, Tsid{2}, "by a test", clock.now()); });
    commit([&](Transaction& transaction) {
        (void)retry_job(transaction, Tsid{2}, std::nullopt, {}, clock.now());
    });
    EXPECT_EQ(heads_by_row(), Ids{4}) << "it may be on its way";
    restart();
    EXPECT_EQ(due(), std::vector<Tsid>{Tsid{4}});
    end(4);
    EXPECT_TRUE(is_ready(2));
    restart();
    EXPECT_EQ(due(), std::vector<Tsid>{Tsid{2}});
}

TEST_F(LinesTest, CommitThatFailsChangesNoHead) {
    end(2);
    commit([&](Transaction& transaction) {
        end(transaction, 4);
        throw std::runtime_error("of a test");
    });
    ASSERT_TRUE(failed);
    EXPECT_TRUE(is_ready(4));
    EXPECT_FALSE(is_ready(6));
    end(4);
    EXPECT_TRUE(is_ready(6));
}

TEST_F(LinesTest, WaitIsWrittenDownWithTheTimeSinceWhenTheJobWasReady) {
    end(2);
    const auto ready_at = clock.now();
    clock.advance(Millis{500});
    commit([&](Transaction& transaction) {
        Settlement settlement;
        settlement.job = *transaction.jobs.find(Tsid{4});
        committer->unsaved_heads().show(settlement.job);
        settlement.next_attempt_at = clock.now() + Millis{1'000};
        settle(transaction, settlement, clock.now());
    });
    EXPECT_EQ(heads_by_row(), Ids{4});
    restart();
    commit([&](Transaction& transaction) { EXPECT_EQ(transaction.jobs.find(Tsid{4})->ready_at, ready_at); });
}

TEST_F(LinesTest, MembersOfLinesInMemoryEnterTheIndexWhenSomebodyAsks) {
    end(2);
    EXPECT_EQ(in_index(), Ids{});
    commit([&](Transaction& transaction) {
        EXPECT_EQ(leader_of_group(transaction, Tsid{6}, clock.now())->id, Tsid{4});
    });
    EXPECT_EQ(in_index(), (Ids{4, 6}));
    append(8, "g");
    end(4);
    EXPECT_EQ(in_index(), Ids{6}) << "the line is still in memory";
    EXPECT_TRUE(is_ready(6));
}

TEST_F(LinesTest, AfterADeathMembersAreFoundBehindTheMark) {
    restart();
    append(8, "g");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8})) << "the line is not in memory";
    append(10, "h");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8}));
    restart();
    due();
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8, 10}));
}

TEST_F(LinesTest, AfterACommitThatFailedMembersAreFound) {
    commit([](Transaction&) { throw std::runtime_error("of a test"); });
    end(2);
    EXPECT_TRUE(is_ready(4));
    EXPECT_EQ(in_index(), (Ids{4, 6}));
}

TEST_F(LinesTest, LineThatMemoryHasNoRoomForEntersTheIndex) {
    restart({.memory_bytes = 3 * sizeof(JobRecord)});
    for (const std::uint64_t id : {8, 10, 12}) append(id, "h");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6}));
    for (const std::uint64_t id : {14, 16}) append(id, "i");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8, 10, 12}));
    end(8);
    EXPECT_TRUE(is_ready(10));
    append(18, "h");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 10, 12, 18}));
}

TEST_F(LinesTest, MemberThatStandsLongEntersTheIndex) {
    restart({.index_step = 2, .index_steps = 2});
    for (const std::uint64_t id : {8, 10, 12, 14, 16}) append(id, "h");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6}));
    append(18, "h");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8, 10}));
    append(9, "new");
    EXPECT_EQ(in_index(), (Ids{2, 4, 6, 8, 9, 10})) << "a start would not look at its row";
}

}  // namespace
}  // namespace fc::store::sqlite
