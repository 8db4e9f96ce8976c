#pragma once

#include "messaging/catalog.h"
#include "messaging/dispatch_job/live_job.h"
#include "store/records.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>

namespace fc::messaging {

/// Why a job is where it is: how it ended, or what it waits for.
enum class CauseCode {
    delivered,
    cancelled,
    expired,
    rejected,      ///< an answer that no repetition changes
    retries_used,  ///< as many attempts as `maxRetries` allows
    failed,
    in_flight,
    subscription_deleted,
    subscription_paused,
    pool_suspended,
    blocked_by_error,  ///< BLOCK_ON_ERROR: an error stands before it in its message group
    behind_head,       ///< an earlier job of its message group is not done
    delayed,           ///< its first attempt is not due yet
    retry,             ///< for the next attempt
    breaker_open,
    subscription_concurrency,
    subscription_rate,
    pool_concurrency,
    pool_rate,
    line,    ///< those before it in its pool
    queue,   ///< its pointer is on the queue
    backlog  ///< it is due; memory is full of those before it
};
BOOST_DESCRIBE_ENUM(
    CauseCode,
    delivered,
    cancelled,
    expired,
    rejected,
    retries_used,
    failed,
    in_flight,
    subscription_deleted,
    subscription_paused,
    pool_suspended,
    blocked_by_error,
    behind_head,
    delayed,
    retry,
    breaker_open,
    subscription_concurrency,
    subscription_rate,
    pool_concurrency,
    pool_rate,
    line,
    queue,
    backlog)

struct JobCause {
    CauseCode code = CauseCode::line;
    std::string text;                ///< the same for people: goes on after "The job"
    std::optional<TimePoint> since;  ///< where it is known
    std::optional<TimePoint> until;  ///< where it is known
    Tsid job_id;                     ///< the job that it waits behind
};
BOOST_DESCRIBE_STRUCT(JobCause, (), (code, text, since, until, job_id))

/// All that the cause depends on.
struct JobFacts {
    store::JobRecord job;
    LiveJob live;
    SubscriptionPtr subscription;  ///< null: it is gone
    PoolPtr pool;
    std::optional<store::JobRecord> leader;  ///< first in the line of its group, when that is not itself
    LiveJob leader_live;
    TimePoint now;
};

JobCause cause_of(const JobFacts& facts);

}  // namespace fc::messaging
