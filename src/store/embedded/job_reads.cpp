#include "store/embedded/job_reads.h"

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"

namespace fc::store::sqlite {

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

}  // namespace fc::store::sqlite
