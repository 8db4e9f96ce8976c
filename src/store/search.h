#pragma once

#include "base/time.h"
#include "runtime/task.h"
#include "store/records.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fc::store {

/// Which events or jobs are meant; every member that is set must fit. A list fits when one of it does, an
/// empty list leaves it open. Application, subdomain and aggregate are the first three parts of the type
/// (between ':' or '.').
struct MessageQuery {
    std::optional<std::vector<Tsid>> client_ids;  ///< 0 is the platform; nullopt: all tenants
    std::vector<std::string> types;               ///< exact
    std::vector<std::string> applications;
    std::vector<std::string> subdomains;
    std::vector<std::string> aggregates;
    std::string source;   ///< part of it, in any case
    std::string subject;  ///< part of it, in any case
    std::string message_group;
    std::string correlation_id;
    std::string text;                         ///< part of the subject, in any case, or the whole id
    std::optional<TimePoint> created_after;   ///< inclusive
    std::optional<TimePoint> created_before;  ///< inclusive
    bool operator==(const MessageQuery&) const = default;
};

/// Where a page starts and how much of it there is. Newest first unless `ascending`.
struct PageRequest {
    std::int64_t page = 0;
    std::int64_t size = 20;
    Tsid after{};  ///< the cursor: rows beyond this id, in the order asked for; 0: from the start
    bool ascending = false;
    bool counts = true;  ///< false: no total is wanted
};

/// What a search found. The work of one search is bounded: `next` set with fewer rows than asked for means
/// that it was given up here and goes on from there.
template <class Record>
struct Found {
    std::vector<Record> rows;
    Tsid next;  ///< the cursor of the next page; 0: there is none
    std::int64_t total = 0;
    bool total_is_exact = true;  ///< false: there are at least as many
};

struct EventQuery : MessageQuery {
    std::string deduplication_id;
    std::optional<TimePoint> time_after;  ///< of the event's own time; inclusive
    std::optional<TimePoint> time_before;
};

/// Type, source, subject and correlation id are those of a job's event, else its own.
struct JobQuery : MessageQuery {
    std::vector<JobStatus> statuses;           ///< queued and in_progress mean pending
    std::optional<std::vector<Tsid>> pending;  ///< of the pending jobs only these; ascending
    std::vector<std::string> kinds;            ///< EVENT, unless a job's own spec says otherwise
    std::vector<Tsid> owners;
    std::vector<Tsid> pools;  ///< the pool it was created under
    std::optional<Tsid> event_id;
    std::optional<Tsid> operation;
    bool never_attempted = false;
    bool operator==(const JobQuery&) const = default;
};

/// A job with what lists show of its event; null when it has none.
struct JobRow {
    JobRecord job;
    std::shared_ptr<const EventRecord> event;  ///< without its data
};

/// A type of events or of jobs that was seen, by tenant: what cascading filters offer.
struct TypeSeen {
    Tsid client_id;
    std::string type;
    std::int64_t count = 0;
};

/// How many there were since a time; what is asked for is rounded to the hour.
struct Activity {
    std::int64_t events = 0;
    std::int64_t delivered = 0;        ///< jobs that ended well
    std::int64_t failed_attempts = 0;  ///< attempts that did not
    std::int64_t failed = 0;           ///< jobs that ended in error
};

/// The open jobs of one subscription in one pool.
struct Backlog {
    Tsid owner;
    Tsid client_id;
    Tsid counted_pool;
    std::int64_t jobs = 0;
    TimePoint oldest;  ///< when the oldest was created
};

/// More jobs of one event are not looked at.
constexpr std::size_t jobs_of_event_max = 2'000;

/// The read side: lists, filters and counts over events and jobs. Sees everything that was committed before
/// it was asked. Any thread's work is bounded; no call takes longer with the size of the store alone.
class Search {
public:
    virtual ~Search() = default;
    virtual Task<Found<EventRecord>> events(EventQuery query, PageRequest page) = 0;
    virtual Task<Found<JobRow>> jobs(JobQuery query, PageRequest page) = 0;
    /// The jobs of an event, oldest first, at most `limit`.
    virtual Task<std::vector<JobRecord>> jobs_of_event(Tsid event, std::size_t limit) = 0;
    virtual Task<std::vector<TypeSeen>> types_of_events() = 0;
    virtual Task<std::vector<TypeSeen>> types_of_jobs() = 0;
    /// `client_id` nullopt: all tenants.
    virtual Task<Activity> activity(std::optional<Tsid> client_id, TimePoint since) = 0;
    virtual Task<std::vector<Backlog>> backlogs() = 0;
};

}  // namespace fc::store
