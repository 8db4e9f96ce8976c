#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"

#include <boost/describe/enum.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the store keeps of events and dispatch jobs. An id of 0 is "none": unique indexes ignore NULL.
namespace fc::store {

enum class DispatchMode { immediate, next_on_error, block_on_error };
BOOST_DESCRIBE_ENUM(DispatchMode, immediate, next_on_error, block_on_error)

/// Stored are pending and the last three; queued and in_progress are added when reading, from the scheduler's
/// memory.
enum class JobStatus { pending, completed, error, cancelled, queued, in_progress };
BOOST_DESCRIBE_ENUM(JobStatus, pending, completed, error, cancelled, queued, in_progress)

/// Whether it is one that only the scheduler tells.
constexpr bool is_live(JobStatus status) {
    return status == JobStatus::queued || status == JobStatus::in_progress;
}
/// What the store has of it.
constexpr JobStatus stored_status(JobStatus status) {
    return is_live(status) ? JobStatus::pending : status;
}

/// How `data` came: that decides how it is shown again.
enum class DataKind { json, text, binary };
BOOST_DESCRIBE_ENUM(DataKind, json, text, binary)

/// Why a job exists.
enum class JobOrigin { match, api, replay, test };
BOOST_DESCRIBE_ENUM(JobOrigin, match, api, replay, test)

struct EventRecord {
    Tsid id;
    Tsid client_id;
    std::string type;
    std::string source;
    std::string subject;
    std::string spec_version = "1.0";
    TimePoint time;
    std::string data;  ///< the exact bytes to deliver: a string's decoded text, or a JSON value's own bytes
    DataKind data_kind = DataKind::json;  ///< text: `data` came as a JSON string
    std::string content_type;             ///< of `data`; "" is application/json
    std::string correlation_id;
    std::string causation_id;
    std::string deduplication_id;
    std::string message_group;
    RawJson context_data;
    TimePoint created_at;
    std::int64_t job_count = 0;   ///< jobs that matches and replays made of it, cancelled and purged ones too
    std::int64_t duplicates = 0;  ///< how often it was published again with its deduplication id
};

/// One dispatch job: narrow, because its payload is read from its event; a job made by API carries its own as
/// `spec`.
struct JobRecord {
    Tsid id;
    Tsid event_id;
    Tsid owner;         ///< the subscription, else the service account
    Tsid pool_id;       ///< a pool of its own; 0: the subscription's
    Tsid counted_pool;  ///< the pool it was created under: its tallies stay there
    Tsid client_id;
    std::string message_group;
    DispatchMode mode = DispatchMode::next_on_error;
    std::string idempotency_key;
    std::string spec;           ///< JSON of what the API call gave; "" for a matched job
    std::int64_t position = 0;  ///< the order inside its group; given by the store
    JobStatus status = JobStatus::pending;
    bool ready = false;    ///< the head of its group, or in no group
    bool in_line = false;  ///< stands in its group's line: open, or an error that blocks it
    TimePoint next_attempt_at;
    TimePoint ready_at;  ///< since when its age runs
    std::int64_t attempts = 0;
    std::int64_t round_start = 0;  ///< attempts made before the last retry by an operator
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> completed_at;
    std::string last_error;
    JobOrigin origin = JobOrigin::match;
    Tsid operation;         ///< the bulk operation that made it or sent it again last; 0: none
    std::string resent_by;  ///< who sent it again last, by name; "": nobody

    bool is_ordered() const { return mode != DispatchMode::immediate && !message_group.empty(); }
};

/// Who sends a job again.
struct Resend {
    std::string by = "unknown";  ///< a principal's name; never empty
    Tsid operation;              ///< the bulk operation that does it; 0: a single request
};

/// A job that may start, with what its delivery needs.
struct ReadyJob {
    JobRecord job;
    std::shared_ptr<const EventRecord> event;  ///< null for a job made by API without an event
    std::size_t bytes() const { return sizeof(*this) + job.spec.size() + (event ? event->data.size() : 0); }
};

struct NewEvent {
    EventRecord event;
    std::vector<JobRecord> jobs;
};

struct Appended {
    Tsid id;  ///< of the stored one: for a duplicate not the id that was offered
    bool duplicate = false;
};

/// How an attempt, or a decision without one, ends. Applied in one commit with the group's next head and the
/// tallies.
struct Settlement {
    enum class Kind { wait, completed, error };
    JobRecord job;
    Kind kind = Kind::wait;
    TimePoint next_attempt_at;  ///< for `wait`
    bool counts = true;         ///< false: "not yet" costs no attempt
    std::string last_error;
    std::string attempt;  ///< JSON of the delivery attempt; "" when none was made
};

/// A lane is what may be held as one: the jobs of one owner in one pool.
struct LaneKey {
    Tsid owner;
    Tsid pool_id;  ///< 0: the owner's pool
    auto operator<=>(const LaneKey&) const = default;
};

struct DueCursor {
    std::int64_t next_attempt_at = 0;
    std::uint64_t id = 0;
};

struct DueJobs {
    std::vector<ReadyJob> jobs;
    bool more = false;                  ///< `limit` or `due_bytes_max` ended it: others may be due
    std::optional<TimePoint> next_due;  ///< the earliest wait that is still running, unless `more`
};

/// What `due` reads at once is at most this and one job.
constexpr std::size_t due_bytes_max = 8U << 20U;

struct PoolTally {
    std::int64_t created = 0;
    std::int64_t completed = 0;
    std::int64_t error = 0;
    std::int64_t cancelled = 0;
    bool operator==(const PoolTally&) const = default;
};

struct ClientTally {
    std::int64_t accepted = 0;
    std::int64_t with_jobs = 0;
    std::int64_t without_match = 0;
    bool operator==(const ClientTally&) const = default;
};

/// A step of retention: which rows have had their time. Kept are open jobs, the error that blocks its group,
/// and events that have a job left; those with a deduplication id or idempotency key also until `keys_before`
/// is past their creation.
struct PurgeRequest {
    enum class What { jobs, events };
    What what = What::jobs;
    TimePoint before;  ///< jobs that ended before, events created before
    TimePoint keys_before;
    Tsid after;               ///< go on behind this one
    std::size_t limit = 100;  ///< rows to delete at most
};

struct Purged {
    std::size_t rows = 0;
    Tsid next;  ///< where to go on; 0: there is no more
};

/// All tallies: by pool, by client (0: the platform).
struct TallySheet {
    std::map<Tsid, PoolTally> pools;
    std::map<Tsid, ClientTally> clients;
};

/// What a recount found; no lines: the tallies and the lines of all groups agree with the rows.
struct Verification {
    std::int64_t events = 0;
    std::int64_t jobs = 0;
    std::int64_t open = 0;
    std::vector<std::string> differences;
};

}  // namespace fc::store
