#include "store/embedded/index_tables.h"

#include <algorithm>

namespace fc::store::sqlite {
namespace {

/// Numbers that are kept in memory; past that they are looked up anew.
constexpr std::size_t known_max = 20'000;

void flush_deltas(Statement& add, std::map<std::int64_t, std::int64_t>& deltas) {
    for (const auto& [id, delta] : deltas) add.bind(delta, id).run();
    deltas.clear();
}

std::int64_t first_integer(Statement& statement) {
    statement.step();
    const auto value = statement.integer(0);
    statement.reset();
    return value;
}

}  // namespace

KeyTable::KeyTable(Connection& index, const std::string& table)
    : find_(
          index,
          "select id from " + table +
              " where client_id = ? and type = ? and owner = ? and pool = ? and kind = ?"),
      insert_(
          index,
          "insert into " + table +
              " (client_id, type, owner, pool, kind, count) values (?,?,?,?,?,0) on conflict do nothing"),
      add_(index, "update " + table + " set count = count + ? where id = ?") {}

std::int64_t KeyTable::id_of(const IndexedRow& row) {
    if (known_.size() > known_max) known_.clear();
    const auto [at, is_new] = known_.try_emplace({row.client_id, row.type, row.owner, row.pool, row.kind});
    if (!is_new) return at->second;
    insert_.bind(row.client_id, row.type, row.owner, row.pool, row.kind).run();
    return at->second = first_integer(find_.bind(row.client_id, row.type, row.owner, row.pool, row.kind));
}

void KeyTable::flush() {
    flush_deltas(add_, deltas_);
}

SourceTable::SourceTable(Connection& index, const std::string& counter)
    : find_(index, "select id from sources where source = ?"),
      insert_(index, "insert into sources (source, events, jobs) values (?,0,0) on conflict do nothing"),
      add_(index, "update sources set " + counter + " = " + counter + " + ? where id = ?") {}

std::int64_t SourceTable::id_of(const std::string& source) {
    if (known_.size() > known_max) known_.clear();
    const auto [at, is_new] = known_.try_emplace(source);
    if (!is_new) return at->second;
    insert_.bind(source).run();
    return at->second = first_integer(find_.bind(source));
}

void SourceTable::flush() {
    flush_deltas(add_, deltas_);
}

RowTable::RowTable(Connection& index, const std::string& what)
    : is_of_events_(what == "events"),
      what_(what),
      keys_(index, is_of_events_ ? "event_keys" : "job_keys"),
      sources_(index, what),
      insert_(
          index,
          std::string("insert or ignore into ") + (is_of_events_ ? "event_rows" : "job_rows") +
              " (id, key, source, group_hash, correlation_hash, created_at, time, subject)"
              " values (?,?,?,?,?,?,?,?)"),
      find_(
          index,
          std::string("select key, source from ") + (is_of_events_ ? "event_rows" : "job_rows") +
              " where id = ?"),
      remove_(
          index, std::string("delete from ") + (is_of_events_ ? "event_rows" : "job_rows") + " where id = ?"),
      add_open_job_(index, "insert or ignore into open_jobs (id) values (?)"),
      add_minute_(
          index,
          "insert into minutes (what, minute, first_id, last_id, count) values (?,?,?,?,?)"
          " on conflict do update set first_id = min(first_id, excluded.first_id),"
          " last_id = max(last_id, excluded.last_id), count = count + excluded.count"),
      set_progress_(
          index, "insert into progress (what, at) values (?,?) on conflict do update set at = excluded.at") {}

void RowTable::note_minute(Minutes what, TimePoint time, Tsid id) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
    auto& span = minutes_[{what, minute}];
    span.first = span.count == 0 ? id : std::min(span.first, id);
    span.last = std::max(span.last, id);
    ++span.count;
}

void RowTable::add(const IndexedRow& row) {
    const auto key = keys_.id_of(row);
    const auto source = sources_.id_of(row.source);
    insert_
        .bind(
            row.id, key, source, row.group_hash, row.correlation_hash, row.created_at, row.time, row.subject)
        .run();
    if (row.is_open_job) add_open_job_.bind(row.id).run();
    keys_.count(key, 1);
    sources_.count(source, 1);
    note_minute(is_of_events_ ? Minutes::event_created : Minutes::job_created, row.created_at, row.id);
    if (is_of_events_) note_minute(Minutes::event_time, row.time, row.id);
}

void RowTable::remove(Tsid id) {
    if (!find_.bind(id).step()) return;
    keys_.count(find_.integer(0), -1);
    sources_.count(find_.integer(1), -1);
    find_.reset();
    remove_.bind(id).run();
}

void RowTable::flush(Tsid until) {
    keys_.flush();
    sources_.flush();
    for (const auto& [at, span] : minutes_) {
        add_minute_.bind(static_cast<int>(at.first), at.second, span.first, span.last, span.count).run();
    }
    minutes_.clear();
    set_progress_.bind(what_, until).run();
}

HourTable::HourTable(Connection& index)
    : add_(
          index,
          "insert into hours (what, hour, client_id, count) values (?,?,?,?)"
          " on conflict do update set count = count + excluded.count") {}

void HourTable::count(const std::string& what, TimePoint time, Tsid client_id) {
    ++deltas_[{what, std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count(), client_id}];
}

void HourTable::flush() {
    for (const auto& [at, delta] : deltas_) {
        add_.bind(std::get<0>(at), std::get<1>(at), std::get<2>(at), delta).run();
    }
    deltas_.clear();
}

}  // namespace fc::store::sqlite
