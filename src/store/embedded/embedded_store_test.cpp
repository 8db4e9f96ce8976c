#include "store/embedded/embedded_store.h"

#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"
#include "store/embedded/search_file.h"
#include "store/store_conformance.h"

#include <fstream>

namespace fc::store {
namespace {

class EmbeddedHarness final : public StoreHarness {
public:
    std::unique_ptr<Store> open(
        boost::asio::io_context& io, BlockingPool& threads, const Clock& clock) override {
        return open_embedded_store(
            {.path = directory_.file(), .search_settle = Millis{}}, io, threads, clock);
    }
    void settle() override {
        sqlite::Connection store(directory_.file().string(), sqlite::Access::read_only);
        sqlite::attach_search_file(store, directory_.file());
        boost::asio::io_context waiting;
        for (const std::string table : {"events", "jobs", "attempts"}) {
            const auto last = store.scalar("select max(id) from main." + table);
            for (int n = 0; sqlite::indexed_until(store, table) < Tsid{static_cast<std::uint64_t>(last)};
                 ++n) {
                ASSERT_LT(n, 5'000) << "the index does not get up to the store";
                Timer(waiting, Millis{1}).wait();
            }
        }
    }

private:
    ScratchDirectory directory_;
};

const StoreBackend embedded{"Embedded", [] { return std::make_unique<EmbeddedHarness>(); }};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, OrderConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, DocumentConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, SearchConformance, testing::Values(embedded));
INSTANTIATE_TEST_SUITE_P(Embedded, RetentionConformance, testing::Values(embedded));

namespace {

class EmbeddedStoreTest : public testing::Test {
public:
    std::unique_ptr<Store> open() {
        return open_embedded_store({.path = directory.file()}, io, threads, clock);
    }
    void append(Store& store, std::uint64_t id, const std::string& group) {
        NewEvent made;
        made.event.id = Tsid{id};
        made.event.job_count = 1;
        JobRecord job;
        job.id = Tsid{id + 1};
        job.event_id = Tsid{id};
        job.owner = Tsid{7};
        job.message_group = group;
        made.jobs.push_back(std::move(job));
        std::vector<NewEvent> one;
        one.push_back(std::move(made));
        run_task(io, store.messages().append(std::move(one)));
    }
    void tamper(const std::string& sql) {
        sqlite::Connection(directory.file().string(), sqlite::Access::read_write).exec(sql);
    }

    ScratchDirectory directory;
    ManualClock clock;
    boost::asio::io_context io;
    BlockingPool threads{1};
};

TEST_F(EmbeddedStoreTest, StoreOfANewerVersionIsRefused) {
    open().reset();
    tamper("pragma user_version = 99");
    const auto expect_refused = [](const std::function<void()>& use) {
        try {
            use();
            FAIL() << "was not refused";
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.error().code, "STORE_TOO_NEW");
            EXPECT_NE(failure.error().detail.find("store version 99"), std::string::npos);
        }
    };
    expect_refused([&] { open(); });
    expect_refused([&] { verify_store_file(directory.file()); });
}

TEST_F(EmbeddedStoreTest, FileThatIsNoStoreIsRefused) {
    std::ofstream(directory.file()) << std::string(8192, 'x');
    EXPECT_THROW(open(), boost::system::system_error);
}

TEST_F(EmbeddedStoreTest, VerifySeesEveryKindOfDamage) {
    auto store = open();
    for (std::uint64_t id = 10; id < 20; id += 2) append(*store, id, "g");
    append(*store, 30, "");
    store.reset();
    ASSERT_TRUE(verify_store_file(directory.file()).differences.empty());
    struct Damage {
        std::string sql;
        std::string seen;
    };
    const std::vector<Damage> damages{
        {"update tallies set value = value + 1 where counter = 'created'", "tally 7, recounted 6"},
        {"delete from tallies where counter = 'accepted'", "tally 0, recounted 6"},
        {"insert into tallies (kind, id, counter, value) values ('pool', 77, 'completed', 3)",
         "tally 3, recounted 0"},
        {"delete from jobs where id = 13", "an event whose jobs are not all there"},
        {"delete from events where id = 12", "jobs of events that are neither there nor purged"},
        {"update jobs set status = 1, ready = 0 where id = 31", "tally 0, recounted 1"},
        {"update jobs set status = 1 where id = 31", "an ended job that is still ready"},
        {"update jobs set ready = 1 where id = 13", "a group with two heads"},
        {"update jobs set ready = id = 13 where id in (11, 13)", "a head that stands behind an open job"},
        {"update jobs set in_line = 0 where id = 13", "an open job outside its group's line"},
        {"update jobs set in_line = 2 where id = 13; insert or replace into tallies (kind, id, counter, "
         "value)"
         " values ('store', 0, 'lines_indexed_through', 13)",
         "a member of a line that no start finds"},
        {"update jobs set ready = 0 where id = 31", "an open job that is neither ready nor in a line"},
        {"update jobs set status = 3, in_line = 1 where id = 13", "an ended job that still stands in a line"},
        {"insert into attempts (job_id, doc, ended_job) values (31, '{}', 1)",
         "an attempt that its job does not know"}};
    const auto whole = directory.path() / "whole.db";
    std::filesystem::copy_file(directory.file(), whole);
    for (const auto& [sql, seen] : damages) {
        std::filesystem::copy_file(
            whole, directory.file(), std::filesystem::copy_options::overwrite_existing);
        tamper(sql);
        std::string differences;
        for (const auto& difference : verify_store_file(directory.file()).differences)
            differences += difference + '\n';
        EXPECT_NE(differences.find(seen), std::string::npos) << sql << '\n' << differences;
    }
}

TEST_F(EmbeddedStoreTest, VerifySaysHowFarItIs) {
    open().reset();
    std::uint64_t told = 0;
    std::uint64_t all = 0;
    verify_store_file(directory.file(), [&](std::uint64_t done, std::uint64_t of) {
        EXPECT_EQ(done, ++told);
        all = of;
    });
    EXPECT_GT(told, 0U);
    EXPECT_EQ(told, all);
}

TEST_F(EmbeddedStoreTest, WhatWasAnsweredIsThereAfterTheProcessIsGone) {
    auto store = open();
    append(*store, 10, "g");
    // What a dead process leaves: the file as it was and a log that nobody copied back.
    const ScratchDirectory left;
    for (const auto* suffix : {"", "-wal"}) {
        auto from = directory.file();
        auto to = left.file();
        std::filesystem::copy_file(from += suffix, to += suffix);
    }
    EXPECT_EQ(verify_store_file(left.file()).jobs, 1);
    auto again = open_embedded_store({.path = left.file()}, io, threads, clock);
    EXPECT_TRUE(run_task(io, again->messages().find_job(Tsid{11})));
    EXPECT_TRUE(run_task(io, again->messages().verify()).differences.empty());
}

TEST_F(EmbeddedStoreTest, LogIsPreallocatedAndDoesNotGrowWithEachCommit) {
    auto store = open();
    auto log = directory.file();
    log += "-wal";
    const auto size = std::filesystem::file_size(log);
    EXPECT_GE(size, EmbeddedStoreConfig().log_preallocated);
    for (std::uint64_t id = 10; id < 50; id += 2) append(*store, id, "");
    EXPECT_EQ(std::filesystem::file_size(log), size);
}

}  // namespace
}  // namespace fc::store
