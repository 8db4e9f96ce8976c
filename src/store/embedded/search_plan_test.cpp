#include "store/embedded/search_plan.h"

#include "store/embedded/event_table.h"
#include "store/embedded/index_builder.h"
#include "store/embedded/job_table.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace fc::store::sqlite {
namespace {

constexpr std::uint64_t rows = 3'000;

/// A store in which one row of a hundred is rare in everything.
class SearchPlanTest : public testing::Test {
public:
    SearchPlanTest() {
        prepare_store(store);
        store.exec("begin");
        EventTable events(store);
        JobTable jobs(store);
        for (std::uint64_t id = 1; id <= rows; ++id) {
            const bool is_rare = id % 100 == 0;
            EventRecord event;
            event.id = Tsid{id};
            event.client_id = Tsid{is_rare ? 2U : 1U};
            event.type = is_rare ? "rare:b:c" : "common:b:c";
            event.source = is_rare ? "rare" : "common";
            event.subject = is_rare ? "rare" : "common";
            event.message_group = is_rare ? "g" + std::to_string(id) : "";
            event.correlation_id = event.message_group;
            event.deduplication_id = event.message_group;
            event.created_at = from_unix_millis(static_cast<std::int64_t>(id) * 60'000);
            event.time = event.created_at;
            events.insert(event);
            JobRecord job;
            job.id = event.id;
            job.event_id = event.id;
            job.owner = event.client_id;
            job.counted_pool = event.client_id;
            job.client_id = event.client_id;
            job.message_group = event.message_group;
            if (is_rare) job.spec = R"({"kind":"TASK"})";
            job.status = is_rare ? JobStatus::error : JobStatus::completed;
            job.operation = Tsid{is_rare ? 9U : 0U};
            job.attempts = is_rare ? 0 : 1;
            job.created_at = event.created_at;
            jobs.insert(job);
        }
        store.exec("commit");
        IndexBuilder building(directory.file(), Millis{});
        while (building.step({})) {
        }
        attach_search_file(store, directory.file());
    }

    /// What SQLite does in all that a query runs.
    template <class Query>
    std::string steps_of(const Query& query) {
        std::vector<std::string> statements;
        const auto note = [](unsigned, void* into, void*, void* sql) {
            static_cast<std::vector<std::string>*>(into)->emplace_back(static_cast<const char*>(sql));
            return 0;
        };
        sqlite3_trace_v2(store.handle(), SQLITE_TRACE_STMT, note, &statements);
        const SearchPlan plan(store, query, {});
        const auto candidates = plan.from({}, false);
        visited = 0;
        found = 0;
        while (const auto candidate = candidates->next()) {
            ++visited;
            if (candidate->may_fit) ++found;
        }
        sqlite3_trace_v2(store.handle(), 0, nullptr, nullptr);
        std::string steps;
        for (const auto& sql : statements) {
            Statement explain(store, "explain query plan " + sql);
            while (explain.step()) steps += std::string(explain.text(3)) + "\n";
        }
        return steps;
    }
    /// A rare value is found by the index, and only its rows are come by.
    template <class Query>
    void expect_index(const Query& query, std::string_view index) {
        const auto steps = steps_of(query);
        EXPECT_NE(steps.find(index), std::string::npos) << index << " is not in\n" << steps;
        for (const auto* table : {"events", "jobs", "event_rows", "job_rows"}) {
            EXPECT_EQ(steps.find(std::string("SCAN ") + table), std::string::npos) << steps;
        }
        EXPECT_EQ(steps.find("TEMP B-TREE FOR ORDER"), std::string::npos) << steps;
        EXPECT_LE(visited, static_cast<int>(rows / 50)) << index;
        EXPECT_GE(found, 1) << index;
    }

    ScratchDirectory directory;
    Connection store{directory.file().string(), Access::read_write};
    int visited = 0;
    int found = 0;
};

TEST_F(SearchPlanTest, EachFilterOfEventsUsesAnIndex) {
    const auto expect = [&](std::string_view index, auto change) {
        EventQuery query;
        change(query);
        expect_index(query, index);
    };
    using Q = EventQuery;
    expect("event_rows_key (key=?", [](Q& q) { q.client_ids = {Tsid{2}}; });
    expect("event_rows_key (key=?", [](Q& q) { q.types = {"rare:b:c"}; });
    expect("event_rows_key (key=?", [](Q& q) { q.applications = {"rare"}; });
    expect("event_rows_source (source=?", [](Q& q) { q.source = "RAR"; });
    expect("event_rows_group (group_hash=?", [](Q& q) { q.message_group = "g300"; });
    expect("event_rows_correlation (correlation_hash=?", [](Q& q) { q.correlation_id = "g300"; });
    expect("events_deduplication (client_id=? AND deduplication_id=?", [](Q& q) {
        q.deduplication_id = "g300";
    });
    const auto hour = from_unix_millis(std::int64_t{600} * 60'000);
    expect("event_rows USING INTEGER PRIMARY KEY (rowid>? AND rowid<?", [&](Q& q) {
        q.created_after = hour;
        q.created_before = hour + std::chrono::minutes{20};
    });
    expect("minutes USING PRIMARY KEY (what=? AND minute>? AND minute<?", [&](Q& q) {
        q.time_after = hour;
        q.time_before = hour + std::chrono::minutes{20};
    });
    expect("event_rows_key (key=?", [](Q& q) {
        q.types = {"rare:b:c"};
        q.subject = "rare";
        q.text = "a";
    });
}

TEST_F(SearchPlanTest, EachFilterOfJobsUsesAnIndex) {
    const auto expect = [&](std::string_view index, auto change) {
        JobQuery query;
        change(query);
        expect_index(query, index);
    };
    using Q = JobQuery;
    expect("job_rows_key (key=?", [](Q& q) { q.client_ids = {Tsid{2}}; });
    expect("job_rows_key (key=?", [](Q& q) { q.subdomains = {"b"}, q.applications = {"rare"}; });
    expect("job_rows_key (key=?", [](Q& q) { q.owners = {Tsid{2}}; });
    expect("job_rows_key (key=?", [](Q& q) { q.pools = {Tsid{2}}; });
    expect("job_rows_key (key=?", [](Q& q) { q.kinds = {"TASK"}; });
    expect("job_rows_source (source=?", [](Q& q) { q.source = "rare"; });
    expect("job_rows_group (group_hash=?", [](Q& q) { q.message_group = "g300"; });
    expect("job_rows_correlation (correlation_hash=?", [](Q& q) { q.correlation_id = "g300"; });
    expect("jobs_unfinished (status=?", [](Q& q) { q.statuses = {JobStatus::error}; });
    expect("jobs_unfinished (status=?", [](Q& q) { q.never_attempted = true; });
    expect("open_jobs USING INTEGER PRIMARY KEY", [](Q& q) { q.never_attempted = true; });
    expect("jobs_event (event_id=?", [](Q& q) { q.event_id = Tsid{300}; });
    expect("jobs_operation (operation=?", [](Q& q) { q.operation = Tsid{9}; });
}

TEST_F(SearchPlanTest, OpenJobIsFoundOnceWhetherOrNotItWasSentAgain) {
    store.exec("insert into search.open_jobs values (400), (500)");
    store.exec("update jobs set status = 0, resent_by = 'ann' where id in (300, 400)");
    store.exec("update jobs set status = 0 where id = 500");
    JobQuery open;
    open.statuses = {JobStatus::pending};
    steps_of(open);
    EXPECT_EQ(found, 3);
}

TEST_F(SearchPlanTest, JobThatEndedSinceItWasNotedAsOpenIsLeftToTheStore) {
    store.exec("insert into search.open_jobs values (400)");
    JobQuery query;
    query.statuses = {JobStatus::pending};
    EXPECT_FALSE(SearchPlan(store, query, {}).index_decides());
    query.statuses = {JobStatus::error};
    EXPECT_TRUE(SearchPlan(store, query, {}).index_decides());
}

TEST_F(SearchPlanTest, PendingJobsThatAreKnownAreTheOnlyOnesComeBy) {
    JobQuery live;
    live.statuses = {JobStatus::in_progress};
    live.pending = {Tsid{7}, Tsid{300}, Tsid{rows + 5}};
    steps_of(live);
    EXPECT_EQ(std::pair(visited, found), std::pair(3, 3)) << "also those that the index does not have yet";
    live.types = {"rare:b:c"};
    steps_of(live);
    EXPECT_EQ(std::pair(visited, found), std::pair(3, 2));
}

TEST_F(SearchPlanTest, NothingIsFoundAtOnceWhenAFilterHasNoRows) {
    JobQuery nobodys;
    nobodys.operation = Tsid{77};
    steps_of(nobodys);
    EXPECT_EQ(visited, 0);
    nobodys = {};
    nobodys.message_group = "nobodys";
    steps_of(nobodys);
    EXPECT_EQ(visited, 0);
}

TEST_F(SearchPlanTest, WhatMostRowsHaveIsReadInPassing) {
    JobQuery query;
    query.client_ids = {Tsid{1}};
    query.subject = "common";
    EXPECT_NE(steps_of(query).find("job_rows USING INTEGER PRIMARY KEY"), std::string::npos);
    EXPECT_EQ(found, static_cast<int>(rows - rows / 100));
}

TEST_F(SearchPlanTest, TotalsOfTenantTypeSubscriptionAndPoolAreKnown) {
    JobQuery jobs;
    jobs.owners = {Tsid{2}};
    jobs.applications = {"rare"};
    EXPECT_EQ(SearchPlan(store, jobs, {}).known_total(), rows / 100);
    jobs.statuses = {JobStatus::error};
    EXPECT_FALSE(SearchPlan(store, jobs, {}).known_total());
    EXPECT_EQ(SearchPlan(store, EventQuery(), {}).known_total(), rows);
}

}  // namespace
}  // namespace fc::store::sqlite
