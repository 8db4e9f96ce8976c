#include "store/embedded/sqlite_message_log.h"

#include "store/embedded/job_reads.h"
#include "store/embedded/job_writes.h"
#include "store/embedded/purge.h"
#include "store/embedded/verification.h"
#include "store/embedded/write_task.h"

namespace fc::store::sqlite {
namespace {

/// A look from the writer's place in the order: it sees what was submitted before it, and waits for no disk.
constexpr WriteOptions look{Durability::process_death, true};

/// Lost in a power cut it is done again; nobody waits for it.
constexpr WriteOptions unhurried{Durability::process_death, false};

std::size_t rows_of(const std::vector<NewEvent>& events) {
    std::size_t rows = events.size();
    for (const auto& event : events) rows += event.jobs.size();
    return rows;
}

/// A recount reads every row.
constexpr Millis recount_deadline{600'000};

}  // namespace

// `now` is taken when an operation is submitted: the queue keeps their order, so times in the store only
// grow.

Task<std::vector<Appended>> SqliteMessageLog::append(std::vector<NewEvent> events) {
    const WriteOptions options{.rows = rows_of(events)};
    auto work = [events = std::move(events), now = clock_.now()](Transaction& transaction) {
        return append_events(transaction, events, now);
    };
    co_return co_await write(writer_, options, std::move(work));
}

Task<std::vector<Appended>> SqliteMessageLog::add_jobs(std::vector<JobRecord> jobs) {
    const WriteOptions options{.rows = jobs.size()};
    auto work = [jobs = std::move(jobs), now = clock_.now()](Transaction& transaction) {
        return sqlite::add_jobs(transaction, jobs, now);
    };
    co_return co_await write(writer_, options, std::move(work));
}

Task<> SqliteMessageLog::settle(std::shared_ptr<const Settlement> settlement) {
    // Somebody may stand behind the head of a group; behind an ungrouped job nobody does, so it may ride
    // along.
    const WriteOptions options{Durability::process_death, settlement->job.is_ordered()};
    auto work = [settlement = std::move(settlement), now = clock_.now()](Transaction& transaction) {
        return sqlite::settle(transaction, *settlement, now);
    };
    co_await write(writer_, options, std::move(work));
}

Task<Result<JobRecord>> SqliteMessageLog::retry(Tsid job, std::optional<Tsid> recalled_head, Resend resend) {
    auto work =
        [job, recalled_head, resend = std::move(resend), now = clock_.now()](Transaction& transaction) {
            return retry_job(transaction, job, recalled_head, resend, now);
        };
    co_return co_await write(writer_, WriteOptions(), std::move(work));
}

Task<Result<JobRecord>> SqliteMessageLog::cancel(Tsid job, std::string reason) {
    auto work = [job, reason = std::move(reason), now = clock_.now()](Transaction& transaction) {
        return cancel_job(transaction, job, reason, now);
    };
    co_return co_await write(writer_, WriteOptions(), std::move(work));
}

Task<std::size_t> SqliteMessageLog::cancel_of_owner(Tsid owner, std::string reason, std::size_t limit) {
    auto work = [owner, reason = std::move(reason), limit, now = clock_.now()](Transaction& transaction) {
        return sqlite::cancel_of_owner(transaction, owner, reason, limit, now);
    };
    co_return co_await write(writer_, WriteOptions(), std::move(work));
}

Task<std::optional<JobRecord>> SqliteMessageLog::leader_of_group(Tsid job) {
    auto work = [job, now = clock_.now()](Transaction& transaction) {
        return sqlite::leader_of_group(transaction, job, now);
    };
    co_return co_await write(writer_, look, std::move(work));
}

Task<DueJobs> SqliteMessageLog::due(LaneKey lane, DueCursor cursor, std::size_t limit) {
    auto work = [lane, cursor, limit, now = clock_.now()](Transaction& transaction) {
        return due_jobs(transaction, lane, cursor, limit, now);
    };
    co_return co_await write(writer_, look, std::move(work));
}

Task<std::vector<LaneKey>> SqliteMessageLog::lanes() {
    auto work = [now = clock_.now()](Transaction& transaction) { return sqlite::lanes(transaction, now); };
    co_return co_await write(writer_, look, std::move(work));
}

Task<std::optional<EventRecord>> SqliteMessageLog::find_event(Tsid id) {
    auto query = [id](Connection& connection) { return sqlite::find_event(connection, id); };
    co_return co_await reads_.read(std::move(query));
}

Task<std::optional<JobRecord>> SqliteMessageLog::find_job(Tsid id) {
    auto query = [id](Connection& connection) { return sqlite::find_job(connection, id); };
    auto found = co_await reads_.read(std::move(query));
    if (found) writer_.unsaved_heads().show(*found);
    co_return found;
}

Task<std::vector<std::string>> SqliteMessageLog::attempts(Tsid job) {
    auto query = [job](Connection& connection) { return attempts_of(connection, job); };
    co_return co_await reads_.read(std::move(query));
}

Task<Verification> SqliteMessageLog::verify() {
    auto query = [](Connection& connection) { return sqlite::verify(connection); };
    co_return co_await reads_.read(std::move(query), recount_deadline);
}

Task<TallySheet> SqliteMessageLog::tallies() {
    co_return co_await reads_.read(read_tallies);
}

Task<Purged> SqliteMessageLog::purge(PurgeRequest request) {
    auto query = [request](Connection& connection) { return find_purgeable(connection, request); };
    const auto found = co_await reads_.read(std::move(query));
    if (found.ids.empty()) co_return Purged{0, found.next};
    auto work = [request, found](Transaction& transaction) {
        return purge_rows(transaction, request, found.ids);
    };
    const auto rows = co_await write(writer_, unhurried, std::move(work));
    co_return Purged{rows, found.next};
}

}  // namespace fc::store::sqlite
