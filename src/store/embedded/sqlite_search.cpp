#include "store/embedded/sqlite_search.h"

#include "store/embedded/base_rows.h"
#include "store/embedded/job_table.h"
#include "store/embedded/line_index.h"
#include "store/embedded/pager.h"
#include "store/embedded/search_file.h"
#include "store/embedded/search_plan.h"

namespace fc::store::sqlite {
namespace {

/// Rows that the index does not have yet, for counts that need not be exact; it is rarely so far behind.
constexpr std::int64_t fresh_max = 10'000;
/// So many open jobs are counted at once; beyond it stands what the indexer counted last.
constexpr std::int64_t counted_backlog_max = 5'000;

template <class Reader, class Query>
Found<typename Reader::Row> search(Connection& connection, const Query& query, const PageRequest& page) {
    Found<typename Reader::Row> found;
    Reader reader(connection, query);
    if (const auto id = Tsid::parse(query.text); id && reader.look(*id)) {
        if (page.page == 0 && !page.after) found.rows.push_back(reader.load());
        found.total = 1;
        return found;
    }
    const SearchPlan plan(connection, query, page);
    const bool is_whole =
        fill_page(*plan.from(page.after, page.ascending), reader, page, plan.index_decides(), found);
    if (!page.counts) return found;
    if (const auto known = plan.known_total()) {
        count_matches(*plan.fresh(), reader, false, found);
        found.total += *known;
    } else if (is_whole && !found.next && page.page == 0 && !page.after) {
        found.total = static_cast<std::int64_t>(found.rows.size());
    } else if (is_whole) {
        count_matches(*plan.from({}, false), reader, plan.index_decides(), found);
    } else {
        found.total = static_cast<std::int64_t>(found.rows.size());
        found.total_is_exact = false;
    }
    return found;
}

std::vector<JobRecord> read_jobs_of_event(Connection& connection, Tsid event, std::size_t limit) {
    Statement rows(
        connection,
        "select " + job_columns + " from jobs where event_id <> 0 and event_id = ? order by id limit ?");
    rows.bind(event, limit);
    std::vector<JobRecord> jobs;
    while (rows.step()) jobs.push_back(read_job(rows));
    return jobs;
}

/// `keys` are those of the index, `fresh` selects what it does not have yet, behind an id and as many at
/// most.
std::vector<TypeSeen> read_types(
    Connection& connection, const std::string& what, const std::string& keys, const std::string& fresh) {
    Statement rows(
        connection,
        "select client_id, type, sum(count) from (select client_id, type, count from search." + keys +
            " where count > 0 union all select client_id, type, 1 from (" + fresh +
            ")) group by 1, 2 order by 1, 2");
    rows.bind(indexed_until(connection, what), fresh_max);
    std::vector<TypeSeen> types;
    while (rows.step()) types.push_back({rows.id(0), std::string(rows.text(1)), rows.integer(2)});
    return types;
}

std::vector<TypeSeen> read_types_of_events(Connection& connection) {
    return read_types(
        connection,
        "events",
        "event_keys",
        "select client_id, type from main.events where id > ? order by id desc limit ?");
}

std::vector<TypeSeen> read_types_of_jobs(Connection& connection) {
    return read_types(
        connection,
        "jobs",
        "job_keys",
        "select j.client_id as client_id, " + job_text("type", "code") +
            " as type from main.jobs j left join main.events e on e.id = j.event_id"
            " where j.id > ? order by j.id desc limit ?");
}

Activity read_activity(Connection& connection, std::optional<Tsid> client_id, TimePoint since) {
    const auto from = std::chrono::floor<std::chrono::hours>(since);
    const std::string of_client =
        client_id ? " and client_id = " + std::to_string(static_cast<std::int64_t>(client_id->value)) : "";
    Statement hours(
        connection, "select sum(count) from search.hours where what = ? and hour >= ?" + of_client);
    const auto counted = [&](const char* what) {
        hours.bind(what, static_cast<std::int64_t>(from.time_since_epoch().count())).step();
        const auto count = hours.integer(0);
        hours.reset();
        return count;
    };
    Activity activity{counted("events"), counted("delivered"), counted("failed_attempts"), 0};
    Statement events(
        connection,
        "select count(*) from (select client_id, created_at from main.events where id > ? order by id desc"
        " limit ?) where created_at >= ?" +
            of_client);
    events.bind(indexed_until(connection, "events"), fresh_max, TimePoint(from)).step();
    activity.events += events.integer(0);
    Statement failed(
        connection,
        "select count(*) from main.jobs indexed by jobs_failed where status = 2 and completed_at >= ?" +
            of_client);
    failed.bind(TimePoint(from)).step();
    activity.failed = failed.integer(0);
    Statement attempts(
        connection,
        "select status = 'SUCCESS', count(*) from (select j.client_id as client_id,"
        " " +
            attempt_member("status") + " as status, " + attempt_member("errorMessage") + " as error, " +
            attempt_member("attemptedAt") +
            " as at from main.attempts a"
            " left join main.jobs j on j.id = a.job_id where a.id > ? order by a.id limit ?)"
            " where at >= ? and (status <> 'SUCCESS' or error is null)" +
            of_client + " group by 1");
    const auto text = to_rfc3339(from);
    attempts.bind(indexed_until(connection, "attempts"), fresh_max, text);
    while (attempts.step()) {
        auto& counter = attempts.integer(0) != 0 ? activity.delivered : activity.failed_attempts;
        counter += attempts.integer(1);
    }
    return activity;
}

std::vector<Backlog> read_backlogs(Connection& connection) {
    // Open jobs are due or to be due, or they wait in a line, of which the index may not have all. Members of
    // lines are counted whether they wait or not: that bounds what is read.
    const std::string waits = " and ready = 0 and status = 0";
    const std::vector<std::pair<std::string, std::string>> places{
        {"main.jobs indexed by jobs_due where ready = 1", ""},
        {"main.jobs indexed by jobs_line where in_line = 1", waits},
        {"main.jobs where in_line = 2 and id > " + lines_indexed_through, waits}};
    const auto limit = " limit " + std::to_string(counted_backlog_max + 1) + ")";
    std::int64_t open = 0;
    std::string lanes;
    for (const auto& [place, condition] : places) {
        open += connection.scalar("select count(*) from (select 1 from " + place + limit);
        lanes += lanes.empty() ? "" : " union all ";
        lanes += "select owner, client_id, counted_pool, created_at from " + place + condition;
    }
    Statement rows(
        connection,
        open > counted_backlog_max
            ? "select owner, client_id, pool, jobs, oldest from search.backlogs order by 1, 2, 3"
            : "select owner, client_id, counted_pool, count(*), min(created_at) from (" + lanes +
                  ") group by 1, 2, 3 order by 1, 2, 3");
    std::vector<Backlog> backlogs;
    while (rows.step()) {
        backlogs.push_back({rows.id(0), rows.id(1), rows.id(2), rows.integer(3), rows.time(4)});
    }
    return backlogs;
}

}  // namespace

Task<Found<EventRecord>> SqliteSearch::events(EventQuery query, PageRequest page) {
    auto work = [query = std::move(query), page](Connection& connection) {
        return search<EventReader>(connection, query, page);
    };
    co_return co_await reads_.read(std::move(work));
}

Task<Found<JobRow>> SqliteSearch::jobs(JobQuery query, PageRequest page) {
    auto work = [query = std::move(query), page](Connection& connection) {
        return search<JobReader>(connection, query, page);
    };
    auto found = co_await reads_.read(std::move(work));
    for (auto& row : found.rows) unsaved_heads_.show(row.job);
    co_return found;
}

Task<std::vector<JobRecord>> SqliteSearch::jobs_of_event(Tsid event, std::size_t limit) {
    auto work = [event, limit](Connection& connection) {
        return read_jobs_of_event(connection, event, limit);
    };
    auto jobs = co_await reads_.read(std::move(work));
    for (auto& job : jobs) unsaved_heads_.show(job);
    co_return jobs;
}

Task<std::vector<TypeSeen>> SqliteSearch::types_of_events() {
    co_return co_await reads_.read(read_types_of_events);
}

Task<std::vector<TypeSeen>> SqliteSearch::types_of_jobs() {
    co_return co_await reads_.read(read_types_of_jobs);
}

Task<Activity> SqliteSearch::activity(std::optional<Tsid> client_id, TimePoint since) {
    auto work = [client_id, since](Connection& connection) {
        return read_activity(connection, client_id, since);
    };
    co_return co_await reads_.read(std::move(work));
}

Task<std::vector<Backlog>> SqliteSearch::backlogs() {
    co_return co_await reads_.read(read_backlogs);
}

}  // namespace fc::store::sqlite
