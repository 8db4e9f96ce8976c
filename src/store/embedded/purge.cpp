#include "store/embedded/purge.h"

#include "runtime/fault.h"

namespace fc::store::sqlite {
namespace {

using What = PurgeRequest::What;

constexpr std::size_t looks_a_row = 20;

// A row may go: `?1` is `before`, `?2` `keys_before`. The index is named, so that it cannot be missed.
constexpr const char* job_may_go =
    "status in (1, 2, 3) and in_line = 0 and completed_at < ?1 and (idempotency_key = '' or created_at < ?2)";
constexpr const char* event_may_go =
    "created_at < ?1 and (deduplication_id = '' or created_at < ?2)"
    " and not exists (select 1 from jobs indexed by jobs_event where event_id = events.id and event_id <> 0)";

std::string table_of(What what) {
    return what == What::jobs ? "jobs" : "events";
}

std::string may_go(What what) {
    return what == What::jobs ? job_may_go : event_may_go;
}

const char* purged_counter(JobStatus status) {
    switch (status) {
        case JobStatus::completed: return "purged_completed";
        case JobStatus::error: return "purged_error";
        default: return "purged_cancelled";
    }
}

std::size_t purge_jobs(Transaction& transaction, const PurgeRequest& request, const std::vector<Tsid>& ids) {
    auto& connection = transaction.connection;
    Statement find(
        connection,
        std::string("select counted_pool, status, event_id, origin, last_attempt from jobs"
                    " where id = ?3 and ") +
            job_may_go);
    Statement remove(connection, "delete from jobs where id = ?");
    Statement remove_attempts(connection, "delete from attempts where job_id = ? and ended_job = 0");
    Statement remove_attempt(connection, "delete from attempts where id = ?");
    std::int64_t last_event = 0;
    std::int64_t of_events = 0;
    std::size_t rows = 0;
    for (const auto id : ids) {
        if (!find.bind(request.before, request.keys_before, id).step()) continue;
        const auto pool = find.id(0);
        const auto status = static_cast<JobStatus>(find.integer(1));
        const auto event = find.integer(2);
        const auto origin = static_cast<JobOrigin>(find.integer(3));
        const auto last_attempt = find.integer(4);
        find.reset();
        if (event != 0 && (origin == JobOrigin::match || origin == JobOrigin::replay)) {
            ++of_events;
            last_event = std::max(last_event, event);
        }
        remove.bind(id).run();
        remove_attempts.bind(id).run();
        remove_attempt.bind(last_attempt).run();
        transaction.tallies.count_job(pool, purged_counter(status));
        ++rows;
        fault_point("inside-purge");
    }
    if (of_events > 0) {
        transaction.tallies.count_in_store("purged_of_events", of_events);
        transaction.tallies.raise_in_store("purged_through", last_event);
    }
    return rows;
}

std::size_t purge_events(
    Transaction& transaction, const PurgeRequest& request, const std::vector<Tsid>& ids) {
    auto& connection = transaction.connection;
    Statement find(
        connection, std::string("select client_id, job_count from events where id = ?3 and ") + event_may_go);
    Statement remove(connection, "delete from events where id = ?");
    std::int64_t of_events = 0;
    std::size_t rows = 0;
    for (const auto id : ids) {
        if (!find.bind(request.before, request.keys_before, id).step()) continue;
        const auto client = find.id(0);
        const auto jobs = find.integer(1);
        find.reset();
        remove.bind(id).run();
        transaction.cache.forget(id);
        transaction.tallies.count_event(client, jobs > 0 ? "purged_with_jobs" : "purged_without_match");
        of_events += jobs;
        ++rows;
        fault_point("inside-purge");
    }
    if (of_events > 0) transaction.tallies.count_in_store("purged_of_events", -of_events);
    return rows;
}

}  // namespace

Purgeable find_purgeable(Connection& connection, const PurgeRequest& request) {
    Statement rows(
        connection,
        "select id, created_at >= ?1, " + may_go(request.what) + " from " + table_of(request.what) +
            " where id > ?3 order by id limit ?4");
    const auto looks = looks_a_row * request.limit;
    rows.bind(request.before, request.keys_before, request.after, looks);
    Purgeable found;
    std::size_t looked = 0;
    while (rows.step()) {
        if (rows.integer(1) != 0) return {std::move(found.ids), Tsid{}};
        ++looked;
        const auto id = rows.id(0);
        if (rows.integer(2) != 0) found.ids.push_back(id);
        if (looked < looks && found.ids.size() < request.limit) continue;
        found.next = id;
        return found;
    }
    return found;
}

std::size_t purge_rows(Transaction& transaction, const PurgeRequest& request, const std::vector<Tsid>& ids) {
    return request.what == What::jobs ? purge_jobs(transaction, request, ids)
                                      : purge_events(transaction, request, ids);
}

}  // namespace fc::store::sqlite
