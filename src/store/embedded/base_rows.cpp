#include "store/embedded/base_rows.h"

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"

#include <array>

namespace fc::store::sqlite {
namespace {

/// The columns of an event, its data empty.
std::string event_outline() {
    constexpr std::string_view data = " data,";
    auto columns = event_columns;
    columns.replace(columns.find(data), data.size(), " '',");
    return "select " + columns + " from events where id = ?";
}

}  // namespace

EventReader::EventReader(Connection& connection, const EventQuery& query)
    : query_(query),
      outline_(connection, event_outline()),
      whole_(connection, "select " + event_columns + " from events where id = ?") {}

bool EventReader::look(Tsid id) {
    id_ = id;
    if (!outline_.bind(id).step()) return false;
    const bool is_meant = fits(query_, read_event(outline_));
    outline_.reset();
    return is_meant;
}

EventRecord EventReader::load() {
    whole_.bind(id_).step();
    auto event = read_event(whole_);
    whole_.reset();
    return event;
}

JobReader::JobReader(Connection& connection, const JobQuery& query)
    : query_(query),
      job_(connection, "select " + job_columns + " from jobs where id = ?"),
      event_(connection, event_outline()),
      own_texts_(
          connection,
          "select ifnull(json_extract(?1, '$.code'), ''), ifnull(json_extract(?1, '$.source'), ''),"
          " ifnull(json_extract(?1, '$.subject'), ''), ifnull(json_extract(?1, '$.correlationId'), '')") {}

bool JobReader::look(Tsid id) {
    if (!job_.bind(id).step()) return false;
    row_.job = read_job(job_);
    row_.event.reset();
    job_.reset();
    if (row_.job.event_id && event_.bind(row_.job.event_id).step()) {
        row_.event = std::make_shared<const EventRecord>(read_event(event_));
        event_.reset();
        const auto& event = *row_.event;
        return fits(query_, row_.job, {event.type, event.source, event.subject, event.correlation_id});
    }
    if (row_.job.spec.empty()) return fits(query_, row_.job, {});
    own_texts_.bind(row_.job.spec).step();
    const std::array<std::string, 4> texts{
        std::string(own_texts_.text(0)),
        std::string(own_texts_.text(1)),
        std::string(own_texts_.text(2)),
        std::string(own_texts_.text(3))};
    own_texts_.reset();
    return fits(query_, row_.job, {texts[0], texts[1], texts[2], texts[3]});
}

}  // namespace fc::store::sqlite
