#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fc::store::sqlite {

/// The rows of dispatch jobs and their attempts. Knows no rule: `Lines` decides what becomes ready.
class JobTable {
public:
    explicit JobTable(Connection& connection);

    /// Whether the index of lines has a member of a line. One that it has not is found by its id only.
    enum class InIndex : std::uint8_t { yes, not_yet };
    /// False when its client already used its idempotency key; then nothing was stored.
    bool insert(const JobRecord& job, InIndex in_index = InIndex::yes);
    /// Puts into the index what was inserted without. `after` excluded, `through` included.
    void index_members(std::int64_t after, std::int64_t through);
    void index_member(Tsid job);
    std::optional<Tsid> find_duplicate(Tsid client_id, const std::string& idempotency_key);
    std::optional<JobRecord> find(Tsid id);

    // Lines: of members in the index.
    /// The member of the group's line with the lowest position.
    std::optional<JobRecord> first_in_line(Tsid owner, const std::string& message_group);
    /// The first member of the line that is ready, or an error.
    std::optional<JobRecord> leader(Tsid owner, const std::string& message_group);
    bool has_line(Tsid owner, const std::string& message_group);
    /// The first member of the line behind that one, by owner and group.
    std::optional<JobRecord> next_line(Tsid owner, const std::string& message_group);
    /// The greatest id; 0 when there is none.
    std::int64_t id_max();
    /// No job has a higher position.
    std::int64_t position_max();

    /// Writes what a settlement changes in an open job: status, ready and since when, in_line, next attempt,
    /// attempts and error. Adds the attempt, unless it is empty or the job is gone. False when the job is not
    /// open any more.
    bool settle(const JobRecord& job, const std::string& attempt);
    /// Writes ready, since when, and the next attempt.
    void set_ready(const JobRecord& job);
    /// Writes everything that ever changes.
    void update(const JobRecord& job);

    void add_attempt(Tsid job, const std::string& attempt) { insert_attempt(job, attempt, false); }
    /// Before a job that ended is opened again: its next end has an attempt of its own.
    void forget_last_attempt(Tsid job);

    /// Gives `take` up to `limit` ready jobs, by (next attempt, id), until it answers false.
    void due(
        LaneKey lane,
        DueCursor cursor,
        TimePoint before,
        std::size_t limit,
        const std::function<bool(JobRecord)>& take);
    std::optional<TimePoint> next_due(LaneKey lane, TimePoint from);
    std::vector<LaneKey> lanes();
    /// Open jobs of an owner, those that wait behind a head before those that are one.
    std::vector<JobRecord> open_of_owner(Tsid owner, std::size_t limit);

private:
    void insert_attempt(Tsid job, const std::string& attempt, bool ended_job);

    Connection& connection_;
    std::int64_t last_attempt_;  ///< of all jobs: the greatest id
    Statement insert_;
    Statement index_members_;
    Statement index_member_;
    Statement find_duplicate_;
    Statement find_;
    Statement first_in_line_;
    Statement leader_;
    Statement has_line_;
    Statement next_line_;
    Statement settle_;
    Statement set_ready_;
    Statement update_;
    Statement add_attempt_;
    Statement forget_last_attempt_;
    Statement due_;
    Statement next_due_;
    Statement next_lane_;
    Statement waiting_of_owner_;
    Statement ready_of_owner_;
};

/// A select, in parentheses: the index of lines has all members with ids up to this (Lines).
extern const std::string lines_indexed_through;

/// The columns that `read_job` reads, in its order.
extern const std::string job_columns;
JobRecord read_job(Statement& statement);

}  // namespace fc::store::sqlite
