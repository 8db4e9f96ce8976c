#pragma once

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "codec/json.h"
#include "store/records.h"
#include "store/repository.h"
#include "store/search.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// What is done with all that a filter means: jobs sent again, jobs cancelled, new jobs made of stored
/// events.
enum class BulkKind { retry, cancel, replay };
BOOST_DESCRIBE_ENUM(BulkKind, retry, cancel, replay)

/// Stored is never `queued`: that is a running one which waits for others of its client.
enum class BulkState { running, paused, stopped, completed, failed, queued };
BOOST_DESCRIBE_ENUM(BulkState, running, paused, stopped, completed, failed, queued)

/// A list whose only value may stand for it.
template <class T>
struct OneOrMore : std::vector<T> {
    using std::vector<T>::vector;
};

/// Which jobs (RETRY, CANCEL) or events (REPLAY) are meant; every member that is set must fit, a list fits
/// when one of it does.
struct BulkFilter {
    std::optional<TimePoint> from;  ///< of their creation; inclusive
    std::optional<TimePoint> to;    ///< inclusive; at the latest the start of the operation
    OneOrMore<Tsid> client_ids;
    OneOrMore<std::string> types;
    OneOrMore<std::string> applications;
    OneOrMore<std::string> subdomains;
    OneOrMore<std::string> aggregates;
    std::string source;   ///< part of it
    std::string subject;  ///< part of it
    std::string message_group;
    std::string correlation_id;
    OneOrMore<Tsid> subscription_ids;          ///< for REPLAY: to whom; else all that match
    OneOrMore<std::string> dispatch_pool_ids;  ///< ids; requests may give codes
    OneOrMore<store::JobStatus> statuses;      ///< none: ERROR for RETRY, PENDING for CANCEL
    bool never_attempted = false;  ///< for REPLAY: events of which the subscription has no job yet
};
BOOST_DESCRIBE_STRUCT(
    BulkFilter,
    (),
    (from,
     to,
     client_ids,
     types,
     applications,
     subdomains,
     aggregates,
     source,
     subject,
     message_group,
     correlation_id,
     subscription_ids,
     dispatch_pool_ids,
     statuses,
     never_attempted))

/// How far an operation is. `processed` counts jobs, for REPLAY events; the others count jobs.
struct BulkProgress {
    std::int64_t matched = 0;      ///< how many jobs it will change, counted at its start
    bool matched_is_exact = true;  ///< false: there are at least as many
    std::int64_t processed = 0;
    std::int64_t changed = 0;
    std::map<std::string, std::int64_t> skipped;  ///< by reason
    std::int64_t failed = 0;
};
BOOST_DESCRIBE_STRUCT(BulkProgress, (), (matched, matched_is_exact, processed, changed, skipped, failed))

using BulkRate = Bounded<1, 600'000>;
constexpr std::size_t bulk_step_max = 100;
/// Operations of one client that work at the same time; the others are queued.
constexpr std::size_t bulk_running_max = 2;
/// Operations of one client that have not ended.
constexpr std::size_t bulk_open_max = 20;
/// Ended operations of one client that are kept.
constexpr std::size_t bulk_ended_max = 100;

struct BulkOperation;

/// What is shown of a bulk operation.
struct BulkSummary {
    Id<BulkOperation> id;
    Tsid client_id;  ///< whose jobs it is limited to; 0: the platform's operation, limited by its filter
    BulkKind kind = BulkKind::retry;
    BulkState state = BulkState::running;
    BulkFilter filter;
    BulkRate rate_per_minute = 6'000;
    BulkProgress progress;
    std::string started_by;
    std::optional<std::string> error;  ///< why it failed
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> ended_at;
};
BOOST_DESCRIBE_STRUCT(
    BulkSummary,
    (),
    (id,
     client_id,
     kind,
     state,
     filter,
     rate_per_minute,
     progress,
     started_by,
     error,
     created_at,
     updated_at,
     ended_at))

/// A change to many jobs at a rate, which survives a restart: it walks by id, and stores with each step what
/// the next one will do before it is done.
struct BulkOperation : BulkSummary {
    Tsid cursor;             ///< everything up to this id was looked at
    bool is_walked = false;  ///< there is nothing beyond the step
    std::vector<Tsid> step;  ///< ids that are being worked on: after a crash some of it may be done
};
BOOST_DESCRIBE_STRUCT(BulkOperation, (BulkSummary), (cursor, is_walked, step))

/// What one step came to.
struct BulkTally {
    std::int64_t processed = 0;
    std::int64_t changed = 0;
    std::int64_t failed = 0;
    std::map<std::string, std::int64_t> skipped;

    void skip(const std::string& reason) { ++skipped[reason]; }
};

/// The ids that come next.
struct BulkPage {
    std::vector<Tsid> ids;
    Tsid cursor;
    bool is_last = false;
};

// Rules.
Result<void> pause(BulkOperation& operation, TimePoint now);   ///< BULK_OPERATION_NOT_RUNNING
Result<void> resume(BulkOperation& operation, TimePoint now);  ///< BULK_OPERATION_NOT_PAUSED
Result<void> stop(BulkOperation& operation, TimePoint now);    ///< BULK_OPERATION_ENDED
/// Whether it may be deleted: BULK_OPERATION_NOT_ENDED.
Result<void> must_have_ended(BulkOperation& operation, TimePoint now);
bool has_ended(const BulkOperation& operation);
/// A step is done and the next one chosen. It may have been paused or stopped meanwhile: what was done
/// counts.
void advance(BulkOperation& operation, const BulkTally& done, BulkPage next, TimePoint now);
void fail(BulkOperation& operation, std::string error, TimePoint now);

/// About what a second allows.
std::size_t step_size(BulkRate rate);
/// How long so many changes take at that rate.
Millis time_of(BulkRate rate, std::int64_t changes);

/// What the operation asks of the store; a default status is filled in.
store::JobQuery job_query(const BulkOperation& operation);
store::EventQuery event_query(const BulkOperation& operation);

}  // namespace fc::messaging

template <>
struct fc::store::Collection<fc::messaging::BulkOperation> {
    static constexpr std::string_view name = "bulk_operations";
    static constexpr std::string_view not_found = "BULK_OPERATION_NOT_FOUND";
    static Tsid client(const fc::messaging::BulkOperation& one) { return one.client_id; }
    static std::string code(const fc::messaging::BulkOperation&) { return {}; }
};

namespace fc::codec {

template <class T>
struct Traits<messaging::OneOrMore<T>> : Traits<std::vector<T>> {
    static void read(JsonValue in, messaging::OneOrMore<T>& out, const Place& at) {
        if (in.is_array()) return Traits<std::vector<T>>::read(in, out, at);
        out.clear();
        Traits<T>::read(in, out.emplace_back(), at);
    }
    static std::string schema(auto& schemas) { return schemas.template of<std::vector<T>>(); }
};

/// A misspelt member would mean more than was wanted.
template <>
struct Rules<messaging::BulkFilter> {
    using Filter = messaging::BulkFilter;
    static constexpr bool is_closed = true;
    static constexpr auto names = std::tuple{
        alias(&Filter::client_ids, "clientId"),
        alias(&Filter::types, "type"),
        alias(&Filter::applications, "application"),
        alias(&Filter::subdomains, "subdomain"),
        alias(&Filter::aggregates, "aggregate"),
        alias(&Filter::subscription_ids, "subscriptionId"),
        alias(&Filter::dispatch_pool_ids, "dispatchPoolId"),
        alias(&Filter::statuses, "status")};
    static void check(const Filter& filter, Faults<Filter>& faults);
};

}  // namespace fc::codec
