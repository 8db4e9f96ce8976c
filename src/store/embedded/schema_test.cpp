#include "store/embedded/schema.h"

#include "runtime/blocking_pool.h"
#include "runtime/run_task.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/event_table.h"
#include "store/embedded/job_reads.h"
#include "store/embedded/job_table.h"
#include "store/embedded/line_index.h"
#include "store/embedded/scratch_store_test.h"
#include "store/embedded/tallies.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>

namespace fc::store::sqlite {
namespace {

// ---- upgrades

class OlderStore : public testing::TestWithParam<std::int64_t> {};

TEST_P(OlderStore, IsUpgradedWithEverythingInIt) {
    const ScratchDirectory scratch;
    const auto committed =
        std::filesystem::path(FC_COMMITTED_STORES) / ("v" + std::to_string(GetParam()) + ".db");
    std::filesystem::copy_file(committed, scratch.file());
    ManualClock clock;
    boost::asio::io_context io;
    BlockingPool threads{1};
    auto store = open_embedded_store({.path = scratch.file()}, io, threads, clock);
    auto& messages = store->messages();
    EXPECT_EQ(
        Connection(scratch.file().string(), Access::read_only).scalar("pragma user_version"), schema_version);

    EXPECT_TRUE(run_task(io, messages.verify()).differences.empty());
    EXPECT_EQ(run_task(io, messages.find_event(Tsid{130}))->data, "{\"order\":3}");
    EXPECT_EQ(run_task(io, messages.find_event(Tsid{200}))->data_kind, DataKind::text);
    const auto blocked = run_task(io, messages.find_job(Tsid{111}));
    EXPECT_EQ(blocked->status, JobStatus::error);
    EXPECT_EQ(blocked->last_error, "status 400");
    EXPECT_EQ(run_task(io, messages.attempts(Tsid{111})).size(), 1u);
    JobQuery errors;
    errors.statuses = {JobStatus::error};
    EXPECT_EQ(run_task(io, store->search().jobs(errors, {})).total, 1);
    EXPECT_EQ(run_task(io, store->documents().find("subscriptions", Tsid{7}))->code, "orders");
    EXPECT_EQ(store->id_floor(), 302u);

    EXPECT_TRUE(run_task(io, messages.retry(Tsid{111}, std::nullopt, {})).value().ready);
    EXPECT_EQ(run_task(io, messages.leader_of_group(Tsid{131}))->id, Tsid{111});
    EXPECT_TRUE(run_task(io, messages.verify()).differences.empty());
}
INSTANTIATE_TEST_SUITE_P(Versions, OlderStore, testing::Range<std::int64_t>(1, schema_version));

TEST(Schema, StartAfterAnUpgradeLooksForNoMembersOfLines) {
    const ScratchDirectory scratch;
    std::filesystem::copy_file(std::filesystem::path(FC_COMMITTED_STORES) / "v4.db", scratch.file());
    Connection connection(scratch.file().string(), Access::read_write);
    prepare_store(connection);
    EXPECT_EQ(connection.scalar("select " + lines_indexed_through), 302) << "the last job";
}

TEST(Schema, UpgradeThatFailsLeavesTheOlderStoreAsItWas) {
    const ScratchDirectory scratch;
    std::filesystem::copy_file(std::filesystem::path(FC_COMMITTED_STORES) / "v1.db", scratch.file());
    Connection connection(scratch.file().string(), Access::read_write);
    connection.exec("create table jobs_client (taken)");
    const auto before = connection.scalar("select count(*) from sqlite_master");
    EXPECT_THROW(prepare_store(connection), boost::system::system_error);
    Connection after(scratch.file().string(), Access::read_write);
    EXPECT_EQ(after.scalar("pragma user_version"), 1);
    EXPECT_EQ(after.scalar("select count(*) from sqlite_master"), before);
}

// ---- indexes

class Plans : public testing::Test {
public:
    Plans() { prepare_store(connection); }

    std::string plan(const std::string& sql) {
        Statement explain(connection, "explain query plan " + sql);
        std::string steps;
        while (explain.step()) steps += std::string(explain.text(3)) + "; ";
        return steps;
    }
    static bool has(const std::string& plan, std::string_view step) {
        return plan.find(step) != std::string::npos;
    }
    /// The statements that are kept prepared on the connection.
    std::vector<std::string> prepared() {
        std::vector<std::string> found;
        for (auto* at = sqlite3_next_stmt(connection.handle(), nullptr); at != nullptr;
             at = sqlite3_next_stmt(connection.handle(), at)) {
            found.emplace_back(sqlite3_sql(at));
        }
        return found;
    }
    ScratchDirectory directory;
    Connection connection{directory.file().string(), Access::read_write};
};

TEST_F(Plans, NothingOnTheHotPathScansOrSorts) {
    const JobTable jobs(connection);
    const LineIndex lines(connection);
    const EventTable events(connection);
    const Tallies tallies(connection);
    const auto statements = prepared();
    EXPECT_GE(statements.size(), 17u);
    for (const auto& sql : statements) {
        EXPECT_FALSE(has(plan(sql), "SCAN")) << sql << "\n" << plan(sql);
        EXPECT_FALSE(has(plan(sql), "TEMP B-TREE")) << sql << "\n" << plan(sql);
    }
}

TEST_F(Plans, WorkIsFoundByTheIndexesOverOpenJobs) {
    const JobTable jobs(connection);
    const LineIndex lines(connection);
    const auto expect = [&](std::string_view part, std::string_view index) {
        int found = 0;
        for (const auto& sql : prepared()) {
            if (!has(sql, part)) continue;
            ++found;
            EXPECT_TRUE(has(plan(sql), index)) << sql << "\n" << plan(sql);
        }
        EXPECT_GT(found, 0) << part;
    };
    expect("(next_attempt_at, id) > (?, ?)", "jobs_due (owner=? AND pool_id=? AND next_attempt_at>");
    expect("next_attempt_at >= ?", "jobs_due (owner=? AND pool_id=? AND next_attempt_at>");
    expect("(owner, pool_id) > (?, ?)", "jobs_due ((owner,pool_id)>(?,?))");
    expect("message_group = ?", "jobs_line (owner=? AND message_group=?)");
    expect("ready = 0 and status = 0 limit", "jobs_line (owner=?)");
    expect("ready = 1 limit", "jobs_due (owner=?)");
}

TEST_F(Plans, SingleRowsAndAttemptsAreFoundByTheirKey) {
    for (const auto* sql :
         {"select * from jobs where id = ?",
          "select * from events where id = ?",
          "select doc from attempts where job_id = ? and ended_job = 0 order by id",
          "select 1 from documents where collection = ? and id = ?"}) {
        EXPECT_TRUE(has(plan(sql), "SEARCH")) << plan(sql);
        EXPECT_FALSE(has(plan(sql), "TEMP B-TREE")) << plan(sql);
    }
}

}  // namespace
}  // namespace fc::store::sqlite
