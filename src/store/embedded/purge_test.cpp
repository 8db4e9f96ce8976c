#include "store/embedded/purge.h"

#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace fc::store::sqlite {
namespace {

/// What the search of a step runs, explained.
std::string plan_of(PurgeRequest::What what) {
    const ScratchDirectory scratch;
    Connection connection(scratch.file().string(), Access::read_write);
    prepare_store(connection);
    std::string sql;
    const auto note = [](unsigned, void* into, void*, void* text) {
        *static_cast<std::string*>(into) = static_cast<const char*>(text);
        return 0;
    };
    sqlite3_trace_v2(connection.handle(), SQLITE_TRACE_STMT, note, &sql);
    PurgeRequest request;
    request.what = what;
    (void)find_purgeable(connection, request);
    sqlite3_trace_v2(connection.handle(), 0, nullptr, nullptr);
    Statement explain(connection, "explain query plan " + sql);
    std::string steps;
    while (explain.step()) steps += std::string(explain.text(3)) + "; ";
    return steps;
}

}  // namespace

TEST(Purge, LooksThroughJobsByTheirId) {
    EXPECT_EQ(plan_of(PurgeRequest::What::jobs), "SEARCH jobs USING INTEGER PRIMARY KEY (rowid>?); ");
}

TEST(Purge, LooksThroughEventsByTheirIdAndForTheirJobsByIndex) {
    const auto plan = plan_of(PurgeRequest::What::events);
    EXPECT_NE(plan.find("SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"), std::string::npos) << plan;
    EXPECT_NE(plan.find("INDEX jobs_event (event_id=?)"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
}

}  // namespace fc::store::sqlite
