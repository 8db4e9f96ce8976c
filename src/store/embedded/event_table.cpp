#include "store/embedded/event_table.h"

namespace fc::store::sqlite {

const std::string event_columns =
    "id, client_id, type, source, subject, spec_version, time, data, data_kind, correlation_id, "
    "causation_id,"
    " deduplication_id, message_group, context_data, created_at, job_count, content_type, duplicates";

EventRecord read_event(Statement& row) {
    EventRecord event;
    int column = -1;
    const auto text = [&] { return std::string(row.text(++column)); };
    event.id = row.id(++column);
    event.client_id = row.id(++column);
    event.type = text();
    event.source = text();
    event.subject = text();
    event.spec_version = text();
    event.time = row.time(++column);
    event.data = text();
    event.data_kind = static_cast<DataKind>(row.integer(++column));
    event.correlation_id = text();
    event.causation_id = text();
    event.deduplication_id = text();
    event.message_group = text();
    event.context_data.text = text();
    event.created_at = row.time(++column);
    event.job_count = row.integer(++column);
    event.content_type = text();
    event.duplicates = row.integer(++column);
    return event;
}

EventTable::EventTable(Connection& connection)
    : connection_(connection),
      insert_(
          connection,
          "insert into events (" + event_columns +
              ") values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
              " on conflict (client_id, deduplication_id) where deduplication_id <> '' do nothing"),
      find_(connection, "select " + event_columns + " from events where id = ?"),
      find_duplicate_(
          connection,
          "select id from events where client_id = ? and deduplication_id = ?"
          " and deduplication_id <> ''"),
      count_duplicate_(connection, "update events set duplicates = duplicates + 1 where id = ?"),
      add_job_(connection, "update events set job_count = job_count + 1 where id = ?") {}

bool EventTable::insert(const EventRecord& event) {
    insert_
        .bind(
            event.id,
            event.client_id,
            event.type,
            event.source,
            event.subject,
            event.spec_version,
            event.time,
            event.data,
            static_cast<int>(event.data_kind),
            event.correlation_id,
            event.causation_id,
            event.deduplication_id,
            event.message_group,
            event.context_data.text,
            event.created_at,
            event.job_count,
            event.content_type,
            event.duplicates)
        .run();
    return connection_.changes() == 1;
}

std::optional<EventRecord> EventTable::find(Tsid id) {
    if (!find_.bind(id).step()) return std::nullopt;
    auto event = read_event(find_);
    find_.reset();
    return event;
}

std::optional<Tsid> EventTable::find_duplicate(Tsid client_id, const std::string& deduplication_id) {
    if (!find_duplicate_.bind(client_id, deduplication_id).step()) return std::nullopt;
    const auto id = find_duplicate_.id(0);
    find_duplicate_.reset();
    return id;
}

void EventTable::count_duplicate(Tsid id) {
    count_duplicate_.bind(id).run();
}

void EventTable::add_job(Tsid id) {
    add_job_.bind(id).run();
}

}  // namespace fc::store::sqlite
