#include "store/embedded/verification.h"

#include "store/embedded/line_index.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fc::store::sqlite {
namespace {

/// Each row that `sql` finds breaks the rule; its first column is an id.
struct Rule {
    std::string broken_by;
    std::string sql;
};

std::vector<Rule> rules() {
    // Retention takes jobs away from events that stay: one by one it is known of the young, together of all.
    const std::string present =
        "(select count(*) from jobs j where j.event_id = e.id and j.event_id <> 0 and j.origin in (0, 2))";
    return {
        // A group without a head is no fault: the first of its line becomes it at the next start (Lines).
        {"a head that stands behind an open job, seen at job",
         "select id from (select id, ready, max(status = 0 and resent_by = '') over"
         " (partition by owner, message_group order by position"
         " rows between unbounded preceding and 1 preceding) as is_behind from jobs where in_line > 0)"
         " where ready = 1 and is_behind = 1"},
        {"a group with two heads, seen at job",
         "select min(id) from jobs where in_line > 0 group by owner, message_group having sum(ready) > 1"},
        {"an open job that is neither ready nor in a line",
         "select id from jobs where status = 0 and ready = 0 and in_line = 0"},
        {"an open job outside its group's line",
         "select id from jobs where status = 0 and in_line = 0 and mode <> 0 and message_group <> ''"},
        {"an ended job that still stands in a line",
         "select id from jobs where status not in (0, 2) and in_line > 0"},
        {"a member of a line that no start finds, job",
         "select id from jobs where in_line = 2 and id <= " + lines_indexed_through},
        {"an attempt that its job does not know, job",
         "select job_id from attempts a where ended_job = 1"
         " and not exists (select 1 from jobs where id = a.job_id and last_attempt = a.id)"},
        {"an ended job that is still ready", "select id from jobs where status <> 0 and ready = 1"},
        {"an event whose jobs are not all there",
         "select e.id from events e where job_count < " + present + " or (job_count > " + present +
             " and id > (select coalesce(max(value), 0) from tallies where counter = 'purged_through'))"}};
}

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
        " union all select 'client', client_id, 'with_jobs', count(*) from events where job_count > 0"
        " group by client_id"
        " union all select 'client', client_id, 'without_match', count(*) from events where job_count = 0"
        " group by client_id"
        // What retention took still counts.
        " union all select kind, id, substr(counter, 8), value from tallies"
        " where kind in ('pool', 'client') and counter like 'purged%'"
        " union all select kind, id, case kind when 'pool' then 'created' else 'accepted' end, value"
        " from tallies"
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

void count_missing_jobs(Connection& connection, Verification& verification) {
    const auto missing = connection.scalar(
        "select (select coalesce(sum(job_count), 0) from events)"
        " - (select count(*) from jobs where event_id <> 0 and origin in (0, 2))"
        " - (select coalesce(sum(value), 0) from tallies where counter = 'purged_of_events')");
    if (missing != 0)
        verification.differences.push_back(
            "jobs of events that are neither there nor purged: " + std::to_string(missing));
}

}  // namespace

Verification verify(Connection& connection, const OnProgress& on_progress) {
    const auto all = rules();
    std::uint64_t done = 0;
    const auto next = [&] {
        if (on_progress) on_progress(++done, all.size() + 3);
    };
    Verification verification;
    verification.events = connection.scalar("select count(*) from events");
    verification.jobs = connection.scalar("select count(*) from jobs");
    verification.open = connection.scalar("select count(*) from jobs where status = 0");
    next();
    compare_tallies(connection, verification);
    next();
    for (const auto& rule : all) {
        Statement rows(connection, rule.sql);
        while (rows.step())
            verification.differences.push_back(rule.broken_by + ": " + rows.id(0).to_string());
        next();
    }
    count_missing_jobs(connection, verification);
    next();
    return verification;
}

}  // namespace fc::store::sqlite
