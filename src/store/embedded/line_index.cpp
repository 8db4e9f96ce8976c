#include "store/embedded/line_index.h"

#include "store/embedded/job_table.h"

namespace fc::store::sqlite {

const std::string lines_indexed_through =
    "(select coalesce(max(value), 0) from main.tallies where kind = 'store' and id = 0 and counter = '" +
    std::string(line_index_mark) + "')";

namespace {

/// The index is named, because statistics would be needed to choose it: its size is that of the backlog.
std::string members(const std::string& columns, const std::string& rest) {
    return "select " + columns + " from jobs indexed by jobs_line where in_line = 1 and " + rest + " limit 1";
}

}  // namespace

LineIndex::LineIndex(Connection& connection)
    : connection_(connection),
      enter_some_(connection, "update jobs set in_line = 1 where id > ? and id <= ? and in_line = 2"),
      enter_one_(connection, "update jobs set in_line = 1 where id = ? and in_line = 2"),
      has_line_(connection, members("1", "owner = ? and message_group = ?")),
      first_(connection, members(job_columns, "owner = ? and message_group = ? order by position")),
      leader_(
          connection,
          members(
              job_columns,
              "owner = ? and message_group = ? and (ready = 1 or status = 2) order by position")),
      first_of_next_(
          connection,
          members(job_columns, "(owner, message_group) > (?, ?) order by owner, message_group, position")) {}

std::int64_t LineIndex::entered_through() {
    return connection_.scalar("select " + lines_indexed_through);
}

void LineIndex::enter(std::int64_t after, std::int64_t through) {
    enter_some_.bind(after, through).run();
}

void LineIndex::enter(Tsid job) {
    enter_one_.bind(job).run();
}

bool LineIndex::has_line(Tsid owner, const std::string& message_group) {
    const bool found = has_line_.bind(owner, message_group).step();
    has_line_.reset();
    return found;
}

std::optional<JobRecord> LineIndex::first(Tsid owner, const std::string& message_group) {
    return read_one_job(first_.bind(owner, message_group));
}

std::optional<JobRecord> LineIndex::leader(Tsid owner, const std::string& message_group) {
    return read_one_job(leader_.bind(owner, message_group));
}

std::optional<JobRecord> LineIndex::first_of_next(Tsid owner, const std::string& message_group) {
    return read_one_job(first_of_next_.bind(owner, message_group));
}

}  // namespace fc::store::sqlite
