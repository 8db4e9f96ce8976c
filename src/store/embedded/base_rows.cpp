#include "store/embedded/base_rows.h"

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"

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

std::string job_text(const std::string& event_column, const std::string& spec_member) {
    return "ifnull(e." + event_column + ", ifnull(json_extract(iif(json_valid(j.spec), j.spec, '{}'), '$." +
           spec_member + "'), ''))";
}

std::string job_kind() {
    return "iif(j.spec = '', 'EVENT', ifnull(json_extract(iif(json_valid(j.spec), j.spec, '{}'), '$.kind'),"
           " 'EVENT'))";
}

std::string attempt_member(const std::string& member) {
    return "json_extract(iif(json_valid(a.doc), a.doc, '{}'), '$." + member + "')";
}

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
      needs_texts_(needs_texts(query)),
      job_(connection, "select " + job_columns + " from jobs where id = ?"),
      event_(connection, event_outline()),
      texts_(
          connection,
          "select " + job_text("type", "code") + ", " + job_text("source", "source") + ", " +
              job_text("subject", "subject") + ", " + job_text("correlation_id", "correlationId") + ", " +
              job_kind() + " from jobs j left join events e on e.id = j.event_id where j.id = ?") {}

bool JobReader::look(Tsid id) {
    if (!job_.bind(id).step()) return false;
    row_ = read_job(job_);
    job_.reset();
    if (!fits(query_, row_)) return false;
    if (!needs_texts_) return true;
    texts_.bind(id).step();
    const bool is_meant =
        fits(query_, row_, {texts_.text(0), texts_.text(1), texts_.text(2), texts_.text(3), texts_.text(4)});
    texts_.reset();
    return is_meant;
}

JobRow JobReader::load() {
    JobRow row;
    if (row_.event_id && event_.bind(row_.event_id).step()) {
        row.event = std::make_shared<const EventRecord>(read_event(event_));
        event_.reset();
    }
    row.job = std::move(row_);
    return row;
}

}  // namespace fc::store::sqlite
