#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"

#include <optional>
#include <string>
#include <string_view>

namespace fc::store::sqlite {

/// What the index of lines knows: the members of lines in their order. It has not all of them (`Lines`):
/// their `in_line` is 2, that of the others 1.
class LineIndex {
public:
    explicit LineIndex(Connection& connection);

    /// The mark in the store: it has all members with ids up to this.
    std::int64_t entered_through();
    /// Puts members in that were inserted without. `after` excluded, `through` included.
    void enter(std::int64_t after, std::int64_t through);
    void enter(Tsid job);

    bool has_line(Tsid owner, const std::string& message_group);
    /// The member of the group's line with the lowest position.
    std::optional<JobRecord> first(Tsid owner, const std::string& message_group);
    /// The first member of the line that is ready, or an error.
    std::optional<JobRecord> leader(Tsid owner, const std::string& message_group);
    /// The first member of the line behind that one, by owner and group.
    std::optional<JobRecord> first_of_next(Tsid owner, const std::string& message_group);

private:
    Connection& connection_;
    Statement enter_some_;
    Statement enter_one_;
    Statement has_line_;
    Statement first_;
    Statement leader_;
    Statement first_of_next_;
};

/// The tally of the store with the mark.
constexpr std::string_view line_index_mark = "lines_indexed_through";
/// Its value: a select in parentheses.
extern const std::string lines_indexed_through;

}  // namespace fc::store::sqlite
