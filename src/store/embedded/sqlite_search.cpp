#include "store/embedded/sqlite_search.h"

#include "store/embedded/base_rows.h"
#include "store/embedded/job_table.h"
#include "store/embedded/pager.h"

#include <limits>

namespace fc::store::sqlite {
namespace {

/// The ids of a table, beyond one of them.
class TableIds {
public:
    TableIds(Connection& connection, const char* table, Tsid after, bool ascending)
        : ids_(
              connection,
              std::string("select id from ") + table +
                  (ascending ? " where id > ? order by id" : " where id < ? order by id desc")) {
        const auto end = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        ids_.bind(after || ascending ? after : Tsid{end});
    }
    std::optional<Tsid> next() { return ids_.step() ? std::optional(ids_.id(0)) : std::nullopt; }

private:
    Statement ids_;
};

template <class Reader, class Query>
Found<typename Reader::Row> search(Connection& connection, const Query& query, const PageRequest& page) {
    Found<typename Reader::Row> found;
    Reader reader(connection, query);
    Budget page_budget(search_work_max);
    fill_page(
        TableIds(connection, Reader::table, page.after, page.ascending), reader, page, page_budget, found);
    if (!page.counts) return found;
    Budget count_budget(search_work_max);
    count_matches(TableIds(connection, Reader::table, Tsid{}, true), reader, count_budget, found);
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

std::vector<TypeSeen> read_types_seen(Connection& connection) {
    Statement rows(
        connection, "select client_id, type, count(*) from events group by client_id, type order by 1, 2");
    std::vector<TypeSeen> types;
    while (rows.step()) types.push_back({rows.id(0), std::string(rows.text(1)), rows.integer(2)});
    return types;
}

Activity read_activity(Connection& connection, std::optional<Tsid> client_id, TimePoint since) {
    const auto from = std::chrono::floor<std::chrono::hours>(since);
    const std::string of_client =
        client_id ? " and client_id = " + std::to_string(static_cast<std::int64_t>(client_id->value)) : "";
    const auto count = [&](const std::string& sql) {
        Statement statement(connection, "select count(*) from " + sql + of_client);
        return statement.bind(TimePoint(from)).step() ? statement.integer(0) : 0;
    };
    Activity activity;
    activity.events = count("events where created_at >= ?");
    activity.delivered = count("jobs where status = 1 and completed_at >= ?");
    activity.failed = count("jobs where status = 2 and completed_at >= ?");
    Statement attempts(
        connection,
        "select count(*) from attempts a join jobs on jobs.id = a.job_id"
        " where json_extract(a.doc, '$.attemptedAt') >= ?"
        " and json_extract(a.doc, '$.status') <> 'SUCCESS'" +
            of_client);
    const auto text = to_rfc3339(from);
    if (attempts.bind(text).step()) activity.failed_attempts = attempts.integer(0);
    return activity;
}

std::vector<Backlog> read_backlogs(Connection& connection) {
    Statement rows(
        connection,
        "select owner, client_id, counted_pool, count(*), min(created_at) from jobs where status = 0"
        " and status <> 1 group by owner, client_id, counted_pool order by 1, 2, 3");
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
    co_return co_await reads_.read(std::move(work));
}

Task<std::vector<JobRecord>> SqliteSearch::jobs_of_event(Tsid event, std::size_t limit) {
    auto work = [event, limit](Connection& connection) {
        return read_jobs_of_event(connection, event, limit);
    };
    co_return co_await reads_.read(std::move(work));
}

Task<std::vector<TypeSeen>> SqliteSearch::types_seen() {
    co_return co_await reads_.read(read_types_seen);
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
