#include "store/embedded/index_builder.h"

#include "runtime/fault.h"
#include "store/embedded/base_rows.h"
#include "store/embedded/schema.h"

#include <sqlite3.h>

#include <map>
#include <vector>

namespace fc::store::sqlite {
namespace {

/// Small, so that the snapshot of the store is short: while it is open the log cannot begin anew.
constexpr std::size_t rows_a_batch = 500;
/// In one commit of the index: rows of one group lie together there, so many rows share their pages.
constexpr std::size_t batches_a_commit = 10;
constexpr std::size_t rows_a_sweep = 50;
constexpr std::size_t open_jobs_a_slice = 10'000;

/// An open job, for `count_backlogs`.
const std::string select_open_job = "select id, owner, client_id, counted_pool, created_at from jobs";
/// Open, and never sent again: those that were are in `jobs_unfinished`.
constexpr const char* is_first_open = "status = 0 and resent_by = ''";

/// A transaction that is undone unless it is committed.
class Batch {
public:
    explicit Batch(Connection& connection) : connection_(connection) { connection_.exec("begin"); }
    ~Batch() {
        // What failed may have undone it already.
        if (is_open_) sqlite3_exec(connection_.handle(), "rollback", nullptr, nullptr, nullptr);
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    void commit() {
        connection_.exec("commit");
        is_open_ = false;
    }

private:
    Connection& connection_;
    bool is_open_ = true;
};

IndexedRow read_row(Statement& row) {
    IndexedRow read;
    int column = -1;
    read.id = row.id(++column);
    read.client_id = row.id(++column);
    read.owner = row.id(++column);
    read.pool = row.id(++column);
    read.kind = row.text(++column);
    read.type = row.text(++column);
    read.source = row.text(++column);
    read.subject = row.text(++column);
    read.group_hash = hash_of(row.text(++column));
    read.correlation_hash = hash_of(row.text(++column));
    read.created_at = row.time(++column);
    read.time = row.time(++column);
    read.is_open_job = row.integer(++column) != 0;
    return read;
}

Connection open_base(const std::filesystem::path& store) {
    Connection base(store.string(), Access::read_only);
    base.exec("pragma query_only = on");
    base.exec("pragma cache_size = -4096");
    return base;
}

}  // namespace

IndexBuilder::IndexBuilder(const std::filesystem::path& store, Millis settle)
    : base_(open_base(store)),
      index_(open_search_file(store, base_)),
      events_(*index_, "events"),
      jobs_(*index_, "jobs"),
      hours_(*index_),
      largest_(
          base_,
          "select (select max(id) from events), (select max(id) from jobs), (select max(id) from attempts)"),
      new_events_(
          base_,
          "select id, client_id, 0, 0, '', type, source, subject, message_group, correlation_id, created_at,"
          " time, 0 from events where id > ? and id <= ? order by id limit ?"),
      new_jobs_(
          base_,
          "select j.id, j.client_id, j.owner, j.counted_pool, " + job_kind() + ", " +
              job_text("type", "code") + ", " + job_text("source", "source") + ", " +
              job_text("subject", "subject") + ", j.message_group, " +
              job_text("correlation_id", "correlationId") +
              ", j.created_at, 0, j.status = 0 from jobs j left join events e on e.id = j.event_id"
              " where j.id > ? and j.id <= ? order by j.id limit ?"),
      new_attempts_(
          base_,
          "select a.id, j.client_id, " + attempt_member("status") + ", " + attempt_member("errorMessage") +
              ", " + attempt_member("attemptedAt") +
              " from attempts a left join jobs j on j.id = a.job_id"
              " where a.id > ? order by a.id limit ?"),
      set_progress_(
          *index_, "insert into progress (what, at) values (?,?) on conflict do update set at = excluded.at"),
      settle_(settle) {
    note_largest(Now());
    settled_ = marks_.front();
}

void IndexBuilder::note_largest(Now now) {
    largest_.bind().step();
    marks_.push_back({now, largest_.id(0), largest_.id(1), largest_.integer(2)});
    largest_.reset();
}

bool IndexBuilder::step(Now now) {
    note_largest(now);
    while (!marks_.empty() && marks_.front().seen + settle_ <= now) {
        settled_ = marks_.front();
        marks_.pop_front();
    }
    // The store is read after what settled was noted: all of it is committed.
    const bool more_events = take_up_events(settled_.events);
    const bool more_jobs = take_up_jobs(settled_.jobs);
    const bool more_attempts = take_up_attempts();
    if (more_events || more_jobs || more_attempts) return true;
    const bool swept_events = sweep("events", events_, swept_events_);
    const bool swept_jobs = sweep("jobs", jobs_, swept_jobs_);
    is_sweeping_ = swept_events || swept_jobs;
    return is_sweeping_;
}

double IndexBuilder::attempts_a_second() const {
    if (marks_.empty()) return 0;
    const std::chrono::duration<double> time = marks_.back().seen - settled_.seen;
    return time.count() > 0 ? static_cast<double>(marks_.back().attempts - settled_.attempts) / time.count()
                            : 0;
}

bool IndexBuilder::take_up_events(Tsid until) {
    return take_up(events_, new_events_, "events", until);
}

bool IndexBuilder::take_up_jobs(Tsid until) {
    return take_up(jobs_, new_jobs_, "jobs", until);
}

bool IndexBuilder::take_up(RowTable& rows, Statement& source, const std::string& what, Tsid until) {
    const auto from = indexed_until(*index_, what);
    if (from >= until) return false;
    Batch batch(*index_);
    auto last = from;
    for (std::size_t batches = 0; batches < batches_a_commit && last < until; ++batches) {
        source.bind(last, until, rows_a_batch);
        last = until;
        for (std::size_t count = 1; source.step(); ++count) {
            const auto row = read_row(source);
            rows.add(row);
            if (&rows == &events_) hours_.count("events", row.created_at, row.client_id);
            if (count == rows_a_batch) last = row.id;
        }
    }
    rows.flush(last);
    hours_.flush();
    fault_point("inside-index");
    batch.commit();
    return last < until;
}

bool IndexBuilder::take_up_attempts() {
    // When all are gone, their ids begin anew.
    const auto last_of_all = Tsid{static_cast<std::uint64_t>(base_.scalar("select max(id) from attempts"))};
    const auto from = std::min(indexed_until(*index_, "attempts"), last_of_all);
    Batch batch(*index_);
    std::size_t count = 0;
    Tsid last = from;
    new_attempts_.bind(from, rows_a_batch);
    while (new_attempts_.step()) {
        ++count;
        last = new_attempts_.id(0);
        const auto time = from_rfc3339(new_attempts_.text(4));
        if (!time) continue;
        const bool was_taken = new_attempts_.text(2) == "SUCCESS";
        const bool was_delivered = was_taken && new_attempts_.is_null(3);
        if (was_delivered) hours_.count("delivered", *time, new_attempts_.id(1));
        if (!was_taken) hours_.count("failed_attempts", *time, new_attempts_.id(1));
    }
    if (count == 0) return false;
    hours_.flush();
    fault_point("inside-index");
    set_progress_.bind("attempts", last).run();
    batch.commit();
    return count == rows_a_batch;
}

std::string IndexBuilder::reached() {
    Statement last(*index_, "select created_at from job_rows order by id desc limit 1");
    return last.step() ? to_rfc3339(last.time(0)) : "";
}

bool IndexBuilder::sweep(const std::string& what, RowTable& rows, Tsid& at) {
    const std::string table = what == "events" ? "event_rows" : "job_rows";
    Statement next(*index_, "select id from " + table + " where id > ? order by id limit ?");
    Statement find(base_, "select 1 from " + what + " where id = ?");
    std::vector<Tsid> seen;
    next.bind(at, is_sweeping_ ? rows_a_batch : rows_a_sweep);
    while (next.step()) seen.push_back(next.id(0));
    at = seen.empty() ? Tsid{} : seen.back();
    std::vector<Tsid> gone;
    for (const auto id : seen) {
        if (!find.bind(id).step()) gone.push_back(id);
        find.reset();
    }
    if (gone.empty()) return false;
    Batch batch(*index_);
    for (const auto id : gone) rows.remove(id);
    rows.flush(indexed_until(*index_, what));
    fault_point("inside-sweep");
    batch.commit();
    return true;
}

void IndexBuilder::count_backlogs(const std::function<bool()>& is_stopping) {
    struct Lane {
        Tsid owner, client_id, pool;
        auto operator<=>(const Lane&) const = default;
    };
    std::map<Lane, std::pair<std::int64_t, std::int64_t>> lanes;
    const auto count = [&](Statement& job) {
        const Lane lane{job.id(1), job.id(2), job.id(3)};
        const auto [found, is_new] = lanes.try_emplace(lane, 0, job.integer(4));
        ++found->second.first;
        found->second.second = std::min(found->second.second, job.integer(4));
    };
    const auto count_all = [&](const std::string& where, Tsid at) {
        Statement slice(base_, select_open_job + where + " and id > ? order by id limit ?");
        for (auto left = open_jobs_a_slice; left == open_jobs_a_slice && !is_stopping();) {
            left = 0;
            for (slice.bind(at, open_jobs_a_slice); slice.step(); ++left) {
                at = slice.id(0);
                count(slice);
            }
        }
    };
    Statement open_job(base_, select_open_job + " where id = ? and " + is_first_open);
    const auto is_open = [&](Tsid id) {
        const bool found = open_job.bind(id).step();
        if (found) count(open_job);
        open_job.reset();
        return found;
    };
    strike_off_open_jobs(is_open, is_stopping);
    count_all(std::string(" where ") + is_first_open, indexed_until(*index_, "jobs"));
    count_all(
        std::string(" indexed by jobs_unfinished where ") + unfinished_jobs + " and status = 0", Tsid{});
    Batch batch(*index_);
    index_->exec("delete from backlogs");
    Statement insert(
        *index_, "insert into backlogs (owner, client_id, pool, jobs, oldest) values (?,?,?,?,?)");
    for (const auto& [lane, counted] : lanes) {
        insert.bind(lane.owner, lane.client_id, lane.pool, counted.first, counted.second).run();
    }
    batch.commit();
}

void IndexBuilder::strike_off_open_jobs(
    const std::function<bool(Tsid)>& is_open, const std::function<bool()>& is_stopping) {
    Statement next(*index_, "select id from open_jobs where id > ? order by id limit ?");
    Statement remove(*index_, "delete from open_jobs where id = ?");
    std::vector<Tsid> seen;
    do {
        const auto at = seen.empty() ? Tsid{} : seen.back();
        seen.clear();
        for (next.bind(at, open_jobs_a_slice); next.step();) seen.push_back(next.id(0));
        Batch batch(*index_);
        for (const auto id : seen) {
            if (!is_open(id)) remove.bind(id).run();
        }
        batch.commit();
    } while (seen.size() == open_jobs_a_slice && !is_stopping());
}

}  // namespace fc::store::sqlite
