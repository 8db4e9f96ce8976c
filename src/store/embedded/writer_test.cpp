#include "store/embedded/writer.h"

#include "base/error.h"
#include "runtime/run_task.h"
#include "store/embedded/read_pool.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <future>

namespace fc::store::sqlite {
namespace {

/// An operation of a test: `work` runs inside the commit, `done` after it.
class FunctionOp final : public WriteOp {
public:
    FunctionOp(std::function<void(Transaction&)> work, std::function<void(std::exception_ptr)> done)
        : work_(std::move(work)),
          done_(std::move(done)) {}
    void apply(Transaction& transaction) override { work_(transaction); }
    void complete(std::exception_ptr failure) override { done_(std::move(failure)); }

private:
    std::function<void(Transaction&)> work_;
    std::function<void(std::exception_ptr)> done_;
};

class WriterTest : public testing::Test {
public:
    using Work = std::function<void(Transaction&)>;

    WriterTest() {
        auto connection = std::make_unique<Connection>(directory.file().string(), Access::read_write);
        prepare_store(*connection);
        const auto count = [](void* commits) {
            ++*static_cast<std::atomic<int>*>(commits);
            return 0;
        };
        sqlite3_commit_hook(connection->handle(), count, &commits);
        writer.emplace(std::move(connection), io.get_executor());
    }

    std::unique_ptr<FunctionOp> op(Work work) {
        ++submitted;
        return std::make_unique<FunctionOp>(std::move(work), [this](const std::exception_ptr& failure) {
            ++completed;
            if (failure) ++failed;
        });
    }
    void submit(Work work, bool urgent = true, Durability durability = Durability::power_cut) {
        auto operation = op(std::move(work));
        operation->urgent = urgent;
        operation->durability = durability;
        writer->submit(std::move(operation));
    }
    void wait_for_all() {
        const auto guard = boost::asio::make_work_guard(io);
        io.restart();
        while (completed < submitted) io.run_one();
    }
    /// Keeps the writer busy until the returned promise is set, so that what follows shares a commit.
    std::shared_ptr<std::promise<void>> occupy() {
        auto release = std::make_shared<std::promise<void>>();
        auto entered = std::make_shared<std::promise<void>>();
        submit([release, entered](Transaction&) {
            entered->set_value();
            release->get_future().wait();
        });
        entered->get_future().wait();
        return release;
    }
    static Work insert(int job) {
        return [job](Transaction& transaction) {
            transaction.connection.exec(
                "insert into attempts (id, job_id, doc) values (" + std::to_string(job) + ", 0, '')");
        };
    }
    std::int64_t rows() {
        return Connection(directory.file().string(), Access::read_only)
            .scalar("select count(*) from attempts");
    }

    ScratchDirectory directory;
    boost::asio::io_context io;
    std::atomic<int> commits = 0;
    int submitted = 0;
    int completed = 0;
    int failed = 0;
    std::optional<Writer> writer;
};

TEST_F(WriterTest, WhatComesDuringACommitSharesTheNext) {
    const auto release = occupy();
    for (int n = 0; n < 100; ++n) submit(insert(n));
    release->set_value();
    wait_for_all();
    EXPECT_EQ(commits, 2);
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(rows(), 100);
}

TEST_F(WriterTest, OperationThatFailsDoesNotFailItsNeighbours) {
    const auto release = occupy();
    for (const int job : {1, 2, 1, 3}) submit(insert(job));
    release->set_value();
    wait_for_all();
    EXPECT_EQ(failed, 1) << "the second 1";
    EXPECT_EQ(rows(), 3);
}

TEST_F(WriterTest, NothingIsAnsweredBeforeItsCommitAndReadyJobsAreToldLast) {
    std::vector<std::string> order;
    writer->on_ready([&](const std::vector<ReadyJob>& jobs) {
        order.push_back("ready " + std::to_string(jobs.size()));
        EXPECT_EQ(rows(), 1) << "already committed";
    });
    ++submitted;
    writer->submit(std::make_unique<FunctionOp>(
        [](Transaction& transaction) {
            insert(1)(transaction);
            transaction.ready.emplace_back();
        },
        [&](const std::exception_ptr&) {
            order.emplace_back("answer");
            EXPECT_EQ(rows(), 1) << "already committed";
            ++completed;
        }));
    wait_for_all();
    EXPECT_EQ(order, (std::vector<std::string>{"answer", "ready 1"}));
}

TEST_F(WriterTest, FailedCommitTellsNobodyThatAJobIsReady) {
    bool told = false;
    writer->on_ready([&](const std::vector<ReadyJob>&) { told = true; });
    submit([](Transaction& transaction) {
        transaction.ready.emplace_back();
        insert(1)(transaction);
        insert(1)(transaction);
    });
    wait_for_all();
    EXPECT_EQ(failed, 1);
    EXPECT_FALSE(told);
    EXPECT_EQ(rows(), 0);
}

TEST_F(WriterTest, OutcomesRideWithTheNextCommitOrGoAloneSoon) {
    const auto release = occupy();
    submit(insert(1), false);
    submit(insert(2), true);
    release->set_value();
    wait_for_all();
    EXPECT_EQ(commits, 2) << "one commit carries both";
    submit(insert(3), false);
    wait_for_all();
    EXPECT_EQ(rows(), 3) << "and without company it is not forgotten";
}

TEST_F(WriterTest, CommitIsFullWhenItCarriesAnAcknowledgedWrite) {
    std::vector<std::int64_t> synchronous;
    const auto look = [&](Transaction& transaction) {
        synchronous.push_back(transaction.connection.scalar("pragma synchronous"));
    };
    submit(look, true, Durability::process_death);
    wait_for_all();
    submit(look, true, Durability::power_cut);
    wait_for_all();
    const auto release = occupy();
    submit(look, true, Durability::process_death);
    submit(look, true, Durability::power_cut);
    release->set_value();
    wait_for_all();
    EXPECT_EQ(synchronous, (std::vector<std::int64_t>{1, 2, 2, 2})) << "1 is NORMAL, 2 is FULL";
}

TEST_F(WriterTest, WaitIsThatOfTheRowsBeforeAndEndsWithThem) {
    const auto release = occupy();
    auto large = op(insert(1));
    large->rows = 50'000;
    writer->submit(std::move(large));
    EXPECT_GE(writer->wait(), Millis{500});
    release->set_value();
    wait_for_all();
    EXPECT_EQ(writer->wait(), Millis{0});
}

TEST_F(WriterTest, StopCommitsWhatWasSubmitted) {
    const auto release = occupy();
    for (int n = 0; n < 10; ++n) submit(insert(n), false);
    release->set_value();
    writer.reset();
    EXPECT_EQ(rows(), 10);
}

TEST_F(WriterTest, WhatCannotBeStoredNowFailsAsAWholeUntilItCanWithoutARestart) {
    Connection other(directory.file().string(), Access::read_write);
    other.exec("begin immediate");
    for (int n = 0; n < 5; ++n) submit(insert(n));
    wait_for_all();
    EXPECT_EQ(failed, 5);
    ASSERT_TRUE(writer->outage());
    EXPECT_EQ(writer->outage()->code, "STORE_UNAVAILABLE");
    other.exec("rollback");
    io.restart();
    const auto guard = boost::asio::make_work_guard(io);
    while (writer->outage()) io.run_one();
    submit(insert(7));
    wait_for_all();
    EXPECT_EQ(failed, 5);
    EXPECT_EQ(rows(), 1);
}

TEST_F(WriterTest, LogIsCopiedBackWhenItIsLong) {
    auto log = directory.file();
    log += "-wal";
    for (int n = 0; n < 60; ++n) {
        submit([n](Transaction& transaction) {
            Statement insert(
                transaction.connection, "insert into attempts (id, job_id, doc) values (?, 0, ?)");
            insert.bind(n, std::string(1U << 20U, 'x')).run();
        });
        wait_for_all();
    }
    EXPECT_LT(std::filesystem::file_size(log), 40U << 20U) << "60 MB were written";
}

class ReadPoolTest : public WriterTest {
public:
    BlockingPool threads{2};
};

std::int64_t read_for_ever(Connection& connection) {
    return connection.scalar(
        "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n");
}

TEST_F(ReadPoolTest, ReadPastItsDeadlineIsInterruptedAndTheNextOneIsNot) {
    ReadPool reads(directory.file().string(), threads, Millis{30});
    for (int round = 0; round < 3; ++round) {
        try {
            run_task(io, reads.read(read_for_ever));
            FAIL() << "was not interrupted";
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.error().code, "STORE_READ_TOO_LONG");
        }
        const auto query = [](Connection& connection) { return connection.scalar("select 42"); };
        EXPECT_EQ(run_task(io, reads.read(query)), 42);
    }
}

TEST_F(ReadPoolTest, ReadSeesOneSnapshotAndCannotWrite) {
    ReadPool reads(directory.file().string(), threads, Millis{10'000});
    const auto query = [this](Connection& connection) {
        const auto before = connection.scalar("select count(*) from attempts");
        submit(insert(1));
        while (rows() == 0) std::this_thread::yield();
        return connection.scalar("select count(*) from attempts") - before;
    };
    EXPECT_EQ(run_task(io, reads.read(query)), 0);
    wait_for_all();
    const auto write = [](Connection& connection) {
        connection.exec("delete from attempts");
        return 0;
    };
    EXPECT_THROW(run_task(io, reads.read(write)), boost::system::system_error);
    EXPECT_EQ(rows(), 1);
}

}  // namespace
}  // namespace fc::store::sqlite
