#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::store::sqlite {

/// What an attempt, or a decision without one, changes in an open job. An open one stays ready.
struct JobOutcome {
    TimePoint at;
    JobStatus status = JobStatus::pending;
    bool stays_in_line = true;
    TimePoint ready_at;
    TimePoint next_attempt_at;
    std::int64_t attempts = 0;
    std::string_view last_error;
    std::string_view attempt;  ///< "" when none was made
};

/// The rows of dispatch jobs and their attempts. Knows no rule: `Lines` decides what becomes ready.
class JobTable {
public:
    explicit JobTable(Connection& connection);

    /// Whether the index of lines has a member of a line (line_index.h).
    enum class InIndex : std::uint8_t { yes, not_yet };
    /// False when its client already used its idempotency key; then nothing was stored.
    bool insert(const JobRecord& job, InIndex in_index = InIndex::yes);
    std::optional<Tsid> find_duplicate(Tsid client_id, const std::string& idempotency_key);
    std::optional<JobRecord> find(Tsid id);

    /// The greatest id; 0 when there is none.
    std::int64_t id_max();
    /// No job has a higher position.
    std::int64_t position_max();

    /// Writes an outcome; the attempt unless there is none or the job is gone. False when the job is not open
    /// any more.
    bool settle(Tsid job, const JobOutcome& outcome);
    /// Writes ready, since when, and the next attempt.
    void set_ready(const JobRecord& job);
    /// Writes everything that ever changes.
    void update(const JobRecord& job);

    void add_attempt(Tsid job, std::string_view attempt) { insert_attempt(job, attempt, false); }
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
    void insert_attempt(Tsid job, std::string_view attempt, bool ended_job);

    Connection& connection_;
    std::int64_t last_attempt_;  ///< of all jobs: the greatest id
    Statement insert_;
    Statement find_duplicate_;
    Statement find_;
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

/// The columns that `read_job` reads, in its order.
extern const std::string job_columns;
JobRecord read_job(Statement& statement);
/// The first row of a bound statement, which is reset.
std::optional<JobRecord> read_one_job(Statement& statement);

}  // namespace fc::store::sqlite
