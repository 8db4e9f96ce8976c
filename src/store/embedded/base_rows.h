#pragma once

#include "store/embedded/query_fits.h"
#include "store/embedded/sqlite.h"

#include <memory>
#include <optional>
#include <string>

namespace fc::store::sqlite {

/// SQL of a text that a job `j` shows: of its event `e` when it has one, else of its own spec.
std::string job_text(const std::string& event_column, const std::string& spec_member);

/// SQL of the kind of a job `j`.
std::string job_kind();

/// SQL of what an attempt `a` says; null when it does not.
std::string attempt_member(const std::string& member);

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
    Row load();
    static std::size_t bytes_of(const Row& row) { return row.job.spec.size(); }

    static constexpr const char* table = "jobs";

private:
    const JobQuery& query_;
    bool needs_texts_;
    Statement job_;
    Statement event_;
    Statement texts_;
    JobRecord row_;
};

}  // namespace fc::store::sqlite
