#include "store/embedded/job_reads.h"

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"
#include "store/embedded/line_index.h"

#include <map>

namespace fc::store::sqlite {
namespace {

std::map<std::string, std::int64_t> counts(Connection& connection, const std::string& sql) {
    std::map<std::string, std::int64_t> found;
    Statement statement(connection, sql);
    while (statement.step()) {
        const auto key = std::string(statement.text(0)) + " " + statement.id(1).to_string() + " " +
                         std::string(statement.text(2));
        if (statement.integer(3) != 0) found[key] += statement.integer(3);
    }
    return found;
}

void compare_tallies(Connection& connection, Verification& verification) {
    auto stored = counts(
        connection,
        "select kind, id, counter, value from tallies"
        " where kind in ('pool', 'client') and counter not like 'purged%'");
    const auto recounted = counts(
        connection,
        "select 'pool', counted_pool, 'created', count(*) from jobs group by counted_pool"
        " union all select 'pool', counted_pool, case status when 1 then 'completed' when 2 then 'error' else"
        " 'cancelled' end, count(*) from jobs where status in (1, 2, 3) group by counted_pool, status"
        " union all select 'client', client_id, 'accepted', count(*) from events group by client_id"
        " union all select 'client', client_id, 'with_jobs', count(*) from events where job_count > 0 group "
        "by client_id"
        " union all select 'client', client_id, 'without_match', count(*) from events where job_count = 0"
        " group by client_id"
        // What retention took still counts.
        " union all select kind, id, substr(counter, 8), value from tallies"
        " where kind in ('pool', 'client') and counter like 'purged%'"
        " union all select kind, id, case kind when 'pool' then 'created' else 'accepted' end, value from "
        "tallies"
        " where kind in ('pool', 'client') and counter like 'purged%'");
    for (const auto& [key, value] : recounted) {
        if (stored[key] != value) {
            verification.differences.push_back(
                key + ": tally " + std::to_string(stored[key]) + ", recounted " + std::to_string(value));
        }
        stored.erase(key);
    }
    for (const auto& [key, value] : stored) {
        if (value != 0)
            verification.differences.push_back(key + ": tally " + std::to_string(value) + ", recounted 0");
    }
}

void report_rows(
    Connection& connection, const std::string& what, const std::string& sql, Verification& verification) {
    Statement statement(connection, sql);
    while (statement.step()) verification.differences.push_back(what + ": " + statement.id(0).to_string());
}

void check_lines(Connection& connection, Verification& verification) {
    // A group without a head is no fault: the first of its line becomes it at the next start (Lines).
    report_rows(
        connection,
        "a head that stands behind an open job, seen at job",
        "select id from (select id, ready, max(status = 0 and resent_by = '') over"
        " (partition by owner, message_group order by position"
        " rows between unbounded preceding and 1 preceding) as is_behind from jobs where in_line > 0) where "
        "ready = 1 and is_behind = 1",
        verification);
    report_rows(
        connection,
        "a group with two heads, seen at job",
        "select min(id) from jobs where in_line > 0 group by owner, message_group having sum(ready) > 1",
        verification);
    report_rows(
        connection,
        "an open job that is neither ready nor in a line",
        "select id from jobs where status = 0 and ready = 0 and in_line = 0",
        verification);
    report_rows(
        connection,
        "an open job outside its group's line",
        "select id from jobs where status = 0 and in_line = 0 and mode <> 0 and message_group <> ''",
        verification);
    report_rows(
        connection,
        "an ended job that still stands in a line",
        "select id from jobs where status not in (0, 2) and in_line > 0",
        verification);
    report_rows(
        connection,
        "a member of a line that no start finds, job",
        "select id from jobs where in_line = 2 and id <= " + lines_indexed_through,
        verification);
    report_rows(
        connection,
        "an attempt that its job does not know, job",
        "select job_id from attempts a where ended_job = 1"
        " and not exists (select 1 from jobs where id = a.job_id and last_attempt = a.id)",
        verification);
    report_rows(
        connection,
        "an ended job that is still ready",
        "select id from jobs where status <> 0 and ready = 1",
        verification);
}

void check_events(Connection& connection, Verification& verification) {
    // Retention takes jobs away from events that stay: one by one it is known of the young, together of all.
    const std::string present =
        "(select count(*) from jobs j where j.event_id = e.id and j.event_id <> 0 and j.origin in (0, 2))";
    report_rows(
        connection,
        "an event whose jobs are not all there",
        "select e.id from events e where job_count < " + present + " or (job_count > " + present +
            " and id > (select coalesce(max(value), 0) from tallies where counter = 'purged_through'))",
        verification);
    const auto missing = connection.scalar(
        "select (select coalesce(sum(job_count), 0) from events)"
        " - (select count(*) from jobs where event_id <> 0 and origin in (0, 2))"
        " - (select coalesce(sum(value), 0) from tallies where counter = 'purged_of_events')");
    if (missing != 0)
        verification.differences.push_back(
            "jobs of events that are neither there nor purged: " + std::to_string(missing));
}

}  // namespace

std::optional<JobRecord> find_job(Connection& connection, Tsid id) {
    Statement statement(connection, "select " + job_columns + " from jobs where id = ?");
    return statement.bind(id).step() ? std::optional(read_job(statement)) : std::nullopt;
}

std::optional<EventRecord> find_event(Connection& connection, Tsid id) {
    Statement statement(connection, "select " + event_columns + " from events where id = ?");
    return statement.bind(id).step() ? std::optional(read_event(statement)) : std::nullopt;
}

std::vector<std::string> attempts_of(Connection& connection, Tsid job) {
    Statement statement(
        connection,
        "select doc, id from attempts where job_id = ?1 and ended_job = 0 union all"
        " select doc, id from attempts where id = (select last_attempt from jobs where id = ?1)"
        " and ended_job = 1 order by id");
    statement.bind(job);
    std::vector<std::string> attempts;
    while (statement.step()) attempts.emplace_back(statement.text(0));
    return attempts;
}

TallySheet read_tallies(Connection& connection) {
    TallySheet sheet;
    Statement rows(connection, "select kind, id, counter, value from tallies");
    while (rows.step()) {
        const auto counter = rows.text(2);
        const auto value = rows.integer(3);
        if (rows.text(0) == "pool") {
            auto& tally = sheet.pools[rows.id(1)];
            if (counter == "created") tally.created = value;
            if (counter == "completed") tally.completed = value;
            if (counter == "error") tally.error = value;
            if (counter == "cancelled") tally.cancelled = value;
        } else if (rows.text(0) == "client") {
            auto& tally = sheet.clients[rows.id(1)];
            if (counter == "accepted") tally.accepted = value;
            if (counter == "with_jobs") tally.with_jobs = value;
            if (counter == "without_match") tally.without_match = value;
        }
    }
    return sheet;
}

Verification verify(Connection& connection) {
    Verification verification;
    verification.events = connection.scalar("select count(*) from events");
    verification.jobs = connection.scalar("select count(*) from jobs");
    verification.open = connection.scalar("select count(*) from jobs where status = 0");
    compare_tallies(connection, verification);
    check_lines(connection, verification);
    check_events(connection, verification);
    return verification;
}

}  // namespace fc::store::sqlite
