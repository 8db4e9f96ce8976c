#pragma once

#include "store/embedded/query_fits.h"
#include "store/embedded/sqlite.h"

#include <memory>
#include <optional>
#include <string>

namespace fc::store::sqlite {

/// Reads events by id and says which are meant; data is read only of those that are loaded.
class EventReader {
public:
    using Row = EventRecord;

    EventReader(Connection& connection, const EventQuery& query);
    /// Looks at the row; false when it is gone or not meant.
    bool look(Tsid id);
    /// The whole row that was looked at last.
    Row load();
    static std::size_t bytes_of(const Row& row) { return row.data.size() + row.context_data.text.size(); }

    static constexpr const char* table = "events";

private:
    const EventQuery& query_;
    Statement outline_;
    Statement whole_;
    Tsid id_;
};

/// The same for jobs; what they show of their event comes without its data.
class JobReader {
public:
    using Row = JobRow;

    JobReader(Connection& connection, const JobQuery& query);
    bool look(Tsid id);
    Row load() { return std::move(row_); }
    static std::size_t bytes_of(const Row& row) { return row.job.spec.size(); }

    static constexpr const char* table = "jobs";

private:
    const JobQuery& query_;
    Statement job_;
    Statement event_;
    Statement own_texts_;
    Row row_;
};

}  // namespace fc::store::sqlite
