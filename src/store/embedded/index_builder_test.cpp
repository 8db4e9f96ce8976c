#include "store/embedded/index_builder.h"

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fc::store::sqlite {
namespace {

using std::chrono::seconds;

class IndexBuilderTest : public testing::Test {
public:
    IndexBuilderTest() { prepare_store(store); }

    void put_event(std::uint64_t id) {
        EventRecord event;
        event.id = Tsid{id};
        event.type = "a";
        EventTable(store).insert(event);
    }
    void put_job(std::uint64_t id, std::uint64_t owner = 7) {
        JobRecord job;
        job.id = Tsid{id};
        job.owner = Tsid{owner};
        job.created_at = from_unix_millis(static_cast<std::int64_t>(id));
        JobTable(store).insert(job);
    }
    IndexBuilder builder() { return {directory.file(), Millis{2'000}}; }
    Connection index() { return {search_file_of(directory.file()).string(), Access::read_only}; }
    std::int64_t in_index(const std::string& sql) { return index().scalar(sql); }
    std::int64_t rows() { return in_index("select count(*) from event_rows"); }

    ScratchDirectory directory;
    Connection store{directory.file().string(), Access::read_write};
    IndexBuilder::Now start{std::chrono::hours{1}};
};

TEST_F(IndexBuilderTest, WhatWasThereAtTheStartIsTakenUpAtOnce) {
    store.exec("begin");
    for (std::uint64_t id = 1; id <= 6'200; ++id) put_event(id);
    store.exec("commit");
    auto building = builder();
    EXPECT_TRUE(building.step(start)) << "a step takes up fewer";
    EXPECT_LT(rows(), 6'200);
    while (building.step(start)) {
    }
    EXPECT_EQ(rows(), 6'200);
    EXPECT_EQ(in_index("select count from event_keys"), 6'200);
}

TEST_F(IndexBuilderTest, RowIsTakenUpOnceItHasSettledWithThoseBeforeIt) {
    auto building = builder();
    put_event(20);
    building.step(start);
    building.step(start + seconds{1});
    EXPECT_EQ(rows(), 0) << "a smaller id may still be committed";
    put_event(10);
    building.step(start + seconds{2});
    EXPECT_EQ(rows(), 2);
    put_event(30);
    building.step(start + seconds{3});
    EXPECT_EQ(rows(), 2);
    building.step(start + seconds{5});
    EXPECT_EQ(rows(), 3);
}

TEST_F(IndexBuilderTest, RowsThatTheStoreLostAreRemovedWithTheirCounts) {
    for (std::uint64_t id = 1; id <= 300; ++id) put_job(id);
    auto building = builder();
    while (building.step(start)) {
    }
    store.exec("delete from jobs where id % 3 = 0");
    for (int n = 0; n < 20; ++n) building.step(start);
    EXPECT_EQ(in_index("select count(*) from job_rows"), 200);
    EXPECT_EQ(in_index("select count from job_keys"), 200);
    EXPECT_EQ(in_index("select jobs from sources"), 200);
}

TEST_F(IndexBuilderTest, GoesOnWhereItStopped) {
    for (std::uint64_t id = 1; id <= 700; ++id) put_event(id);
    builder().step(start);
    const auto before = rows();
    EXPECT_GT(before, 0);
    auto building = builder();
    while (building.step(start)) {
    }
    EXPECT_EQ(rows(), 700);
    EXPECT_EQ(in_index("select count from event_keys"), 700);
}

TEST_F(IndexBuilderTest, IndexOfALaterStateOfTheStoreIsMadeAnew) {
    put_event(1);
    put_event(2);
    builder().step(start);
    store.exec("delete from events where id = 2");  // an older copy of the store was put back
    builder().step(start);
    EXPECT_EQ(rows(), 1);
}

TEST_F(IndexBuilderTest, DamagedIndexIsMadeAnew) {
    put_event(1);
    std::ofstream(search_file_of(directory.file())) << std::string(8'192, 'x');
    builder().step(start);
    EXPECT_EQ(rows(), 1);
}

TEST_F(IndexBuilderTest, KnowsHowBusyTheStoreIs) {
    auto building = builder();
    building.step(start);
    building.step(start + seconds{2});
    EXPECT_EQ(building.attempts_a_second(), 0);
    for (int n = 0; n < 30; ++n) JobTable(store).add_attempt(Tsid{1}, "{}");
    building.step(start + seconds{3});
    EXPECT_EQ(building.attempts_a_second(), 10);
    building.step(start + seconds{6});
    EXPECT_EQ(building.attempts_a_second(), 0);
}

TEST_F(IndexBuilderTest, BacklogsAreCounted) {
    put_job(5, 1);
    put_job(3, 2);
    put_job(4, 2);
    store.exec("update jobs set status = 1 where id = 3");
    auto building = builder();
    building.count_backlogs([] { return false; });
    EXPECT_EQ(in_index("select count(*) from backlogs"), 2);
    EXPECT_EQ(in_index("select oldest from backlogs where owner = 2 and jobs = 1"), 4);
    while (building.step(start)) {
    }
    building.count_backlogs([] { return false; });
    EXPECT_EQ(in_index("select oldest from backlogs where owner = 2 and jobs = 1"), 4);
    store.exec("update jobs set resent_by = 'ann' where id = 5");
    building.count_backlogs([] { return false; });
    EXPECT_EQ(in_index("select oldest from backlogs where owner = 1 and jobs = 1"), 5);
}

TEST_F(IndexBuilderTest, JobsThatWereOpenWhenTakenUpAreStruckOffOnceTheyEnded) {
    put_job(3);
    put_job(4);
    put_job(5);
    store.exec("update jobs set status = 1 where id = 3");
    auto building = builder();
    while (building.step(start)) {
    }
    EXPECT_EQ(in_index("select sum(id) from open_jobs"), 4 + 5);
    store.exec("update jobs set status = 2 where id = 4");
    building.count_backlogs([] { return false; });
    EXPECT_EQ(in_index("select sum(id) from open_jobs"), 5);
}

}  // namespace
}  // namespace fc::store::sqlite
