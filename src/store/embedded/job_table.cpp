#include "store/embedded/job_table.h"

#include <algorithm>
#include <limits>

namespace fc::store::sqlite {

const std::string job_columns =
    "id, event_id, owner, pool_id, counted_pool, client_id, message_group, mode, idempotency_key, spec, "
    "position,"
    " status, ready, in_line, next_attempt_at, ready_at, attempts, round_start, created_at, updated_at, "
    "completed_at,"
    " last_error, origin, operation, resent_by";

namespace {

/// As wide as a time: a row that ends keeps its size and is changed in its place. One that grows on a full
/// page splits it. Older stores have 0. For the same reason a job without a last attempt has the negative of
/// the last one when it was stored: its own will mostly be as wide.
const TimePoint not_completed = from_unix_millis(-1'000'000'000'000);

/// Values of in_line: the index of lines has the rows with 1.
constexpr int not_in_line = 0;
constexpr int in_indexed_line = 1;
constexpr int in_line_only = 2;

}  // namespace

JobRecord read_job(Statement& row) {
    JobRecord job;
    int column = -1;
    job.id = row.id(++column);
    job.event_id = row.id(++column);
    job.owner = row.id(++column);
    job.pool_id = row.id(++column);
    job.counted_pool = row.id(++column);
    job.client_id = row.id(++column);
    job.message_group = row.text(++column);
    job.mode = static_cast<DispatchMode>(row.integer(++column));
    job.idempotency_key = row.text(++column);
    job.spec = row.text(++column);
    job.position = row.integer(++column);
    job.status = static_cast<JobStatus>(row.integer(++column));
    job.ready = row.integer(++column) != 0;
    job.in_line = row.integer(++column) != 0;
    job.next_attempt_at = row.time(++column);
    job.ready_at = row.time(++column);
    job.attempts = row.integer(++column);
    job.round_start = row.integer(++column);
    job.created_at = row.time(++column);
    job.updated_at = row.time(++column);
    if (row.integer(++column) > 0) job.completed_at = row.time(column);
    job.last_error = row.text(++column);
    job.origin = static_cast<JobOrigin>(row.integer(++column));
    job.operation = row.id(++column);
    job.resent_by = row.text(++column);
    return job;
}

std::optional<JobRecord> read_one_job(Statement& row) {
    if (!row.step()) return std::nullopt;
    auto job = read_job(row);
    row.reset();
    return job;
}

namespace {

std::vector<JobRecord> read_all(Statement& statement) {
    std::vector<JobRecord> jobs;
    while (statement.step()) jobs.push_back(read_job(statement));
    return jobs;
}

std::string select_job(const std::string& from) {
    return "select " + job_columns + " from jobs " + from;
}

constexpr const char* update_all =
    "update jobs set status = ?, ready = ?, in_line = ?, next_attempt_at = ?, ready_at = ?, attempts = ?,"
    " round_start = ?, updated_at = ?, completed_at = ?, last_error = ?, operation = ?, resent_by = ?"
    " where id = ?";

}  // namespace

JobTable::JobTable(Connection& connection)
    : connection_(connection),
      last_attempt_(connection.scalar("select max(id) from attempts")),
      insert_(
          connection,
          "insert into jobs (" + job_columns +
              ", last_attempt) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
              " on conflict (client_id, idempotency_key) where idempotency_key <> '' do nothing"),
      find_duplicate_(
          connection,
          "select id from jobs where client_id = ? and idempotency_key = ? and idempotency_key <> ''"),
      find_(connection, select_job("where id = ?")),
      // The index is named where statistics would be needed to choose it: its size is that of the backlog.
      // A column of an index that is set, to whatever value, costs a change of that index.
      settle_(
          connection,
          "update jobs set status = ?, ready = ?, in_line = in_line * ?, next_attempt_at = ?, ready_at = ?,"
          " attempts = ?, updated_at = ?, completed_at = ?, last_error = ?,"
          " last_attempt = max(last_attempt, ?) where id = ? and status = 0"),
      set_ready_(
          connection,
          "update jobs set ready = ?, ready_at = ?, next_attempt_at = ?, updated_at = ? where id = ?"),
      update_(connection, update_all),
      add_attempt_(connection, "insert into attempts (id, job_id, ended_job, doc) values (?,?,?,?)"),
      forget_last_attempt_(
          connection,
          "update attempts set ended_job = 0 where id = (select last_attempt from jobs where id = ?)"),
      due_(
          connection,
          select_job("indexed by jobs_due where ready = 1 and owner = ? and pool_id = ?"
                     " and (next_attempt_at, id) > (?, ?) and next_attempt_at < ?"
                     " order by next_attempt_at, id limit ?")),
      next_due_(
          connection,
          "select next_attempt_at from jobs indexed by jobs_due where ready = 1 and owner = ? and pool_id = ?"
          " and next_attempt_at >= ? order by next_attempt_at limit 1"),
      next_lane_(
          connection,
          "select owner, pool_id from jobs indexed by jobs_due where ready = 1 and (owner, pool_id) > (?, ?)"
          " order by owner, pool_id limit 1"),
      waiting_of_owner_(
          connection,
          select_job("indexed by jobs_line where owner = ? and in_line = 1 and ready = 0 and status = 0"
                     " limit ?")),
      ready_of_owner_(connection, select_job("indexed by jobs_due where owner = ? and ready = 1 limit ?")) {}

bool JobTable::insert(const JobRecord& job, InIndex in_index) {
    const int member = in_index == InIndex::yes ? in_indexed_line : in_line_only;
    insert_
        .bind(
            job.id,
            job.event_id,
            job.owner,
            job.pool_id,
            job.counted_pool,
            job.client_id,
            job.message_group,
            static_cast<int>(job.mode),
            job.idempotency_key,
            job.spec,
            job.position,
            static_cast<int>(job.status),
            job.ready,
            job.in_line ? member : not_in_line,
            job.next_attempt_at,
            job.ready_at,
            job.attempts,
            job.round_start,
            job.created_at,
            job.updated_at,
            job.completed_at.value_or(not_completed),
            job.last_error,
            static_cast<int>(job.origin),
            job.operation,
            job.resent_by,
            -std::max<std::int64_t>(last_attempt_, 1))
        .run();
    return connection_.changes() == 1;
}

std::optional<Tsid> JobTable::find_duplicate(Tsid client_id, const std::string& idempotency_key) {
    if (!find_duplicate_.bind(client_id, idempotency_key).step()) return std::nullopt;
    const auto id = find_duplicate_.id(0);
    find_duplicate_.reset();
    return id;
}

std::optional<JobRecord> JobTable::find(Tsid id) {
    return read_one_job(find_.bind(id));
}

std::int64_t JobTable::id_max() {
    return connection_.scalar("select max(id) from jobs");
}

std::int64_t JobTable::position_max() {
    // A position exceeds its job's id by as many jobs as overtook it between their ids and their commit:
    // fewer than a millisecond has ids. Reading all positions instead would take a second at a million open
    // jobs.
    constexpr std::int64_t ids_of_a_millisecond = 1 << 22;
    return id_max() + ids_of_a_millisecond;
}

bool JobTable::settle(Tsid job, const JobOutcome& outcome) {
    const bool is_open = outcome.status == JobStatus::pending;
    const bool is_last = !is_open && !outcome.attempt.empty();
    settle_
        .bind(
            static_cast<int>(outcome.status),
            is_open,
            outcome.stays_in_line,
            outcome.next_attempt_at,
            outcome.ready_at,
            outcome.attempts,
            outcome.at,
            is_open ? not_completed : outcome.at,
            outcome.last_error,
            is_last ? last_attempt_ + 1 : std::numeric_limits<std::int64_t>::min(),
            job)
        .run();
    const bool was_open = connection_.changes() == 1;
    // One that was cancelled in flight may have been purged since.
    if (!outcome.attempt.empty() && (was_open || find(job)))
        insert_attempt(job, outcome.attempt, is_last && was_open);
    return was_open;
}

void JobTable::set_ready(const JobRecord& job) {
    set_ready_.bind(job.ready, job.ready_at, job.next_attempt_at, job.updated_at, job.id).run();
}

void JobTable::update(const JobRecord& job) {
    update_
        .bind(
            static_cast<int>(job.status),
            job.ready,
            job.in_line,
            job.next_attempt_at,
            job.ready_at,
            job.attempts,
            job.round_start,
            job.updated_at,
            job.completed_at.value_or(not_completed),
            job.last_error,
            job.operation,
            job.resent_by,
            job.id)
        .run();
}

void JobTable::insert_attempt(Tsid job, std::string_view attempt, bool ended_job) {
    add_attempt_.bind(++last_attempt_, job, ended_job, attempt).run();
}

void JobTable::forget_last_attempt(Tsid job) {
    forget_last_attempt_.bind(job).run();
}

void JobTable::due(
    LaneKey lane,
    DueCursor cursor,
    TimePoint before,
    std::size_t limit,
    const std::function<bool(JobRecord)>& take) {
    due_.bind(lane.owner, lane.pool_id, cursor.next_attempt_at, Tsid{cursor.id}, before, limit);
    while (due_.step()) {
        if (take(read_job(due_))) continue;
        due_.reset();
        return;
    }
}

std::optional<TimePoint> JobTable::next_due(LaneKey lane, TimePoint from) {
    if (!next_due_.bind(lane.owner, lane.pool_id, from).step()) return std::nullopt;
    const auto time = next_due_.time(0);
    next_due_.reset();
    return time;
}

std::vector<LaneKey> JobTable::lanes() {
    std::vector<LaneKey> lanes;
    LaneKey last;
    while (next_lane_.bind(last.owner, last.pool_id).step()) {
        last = {next_lane_.id(0), next_lane_.id(1)};
        lanes.push_back(last);
    }
    return lanes;
}

std::vector<JobRecord> JobTable::open_of_owner(Tsid owner, std::size_t limit) {
    auto waiting = read_all(waiting_of_owner_.bind(owner, limit));
    return waiting.empty() ? read_all(ready_of_owner_.bind(owner, limit)) : waiting;
}

}  // namespace fc::store::sqlite
