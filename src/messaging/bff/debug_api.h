#pragma once

#include "messaging/bff/event_bff_api.h"
#include "messaging/dispatch_job/job_api.h"

namespace fc::messaging {

/// An event as it is stored. Source: reference 3.12.
struct RawEvent : EventView {
    store::DataKind data_kind = store::DataKind::json;  ///< how the data came
    std::optional<std::string> content_type;            ///< of the data; absent: application/json
    std::int64_t payload_length = 0;                    ///< bytes of the data
    std::int64_t duplicates = 0;
};
BOOST_DESCRIBE_STRUCT(RawEvent, (EventView), (data_kind, content_type, payload_length, duplicates))

/// A job as it is stored: its state is the stored one.
struct RawJob : JobView {
    std::int64_t position = 0;  ///< the order inside its group
    bool ready = false;         ///< the head of its group, or in no group
    bool in_line = false;       ///< stands in its group's line
    TimePoint ready_at;         ///< since when its age runs
    std::int64_t round_start = 0;
    Tsid counted_pool_id;
    std::optional<std::string> payload;         ///< of a single job only
    std::optional<std::string> payload_base64;  ///< instead of `payload` when that is neither JSON nor text
    std::int64_t payload_length = 0;            ///< bytes
    std::int64_t attempt_history_count = 0;
};
BOOST_DESCRIBE_STRUCT(
    RawJob,
    (JobView),
    (position,
     ready,
     in_line,
     ready_at,
     round_start,
     counted_pool_id,
     payload,
     payload_base64,
     payload_length,
     attempt_history_count))

/// `/api/bff/debug`: what is stored, payloads included, for those who may see it.
class DebugApi {
public:
    explicit DebugApi(BffParts parts)
        : parts_(parts),
          finder_({parts.search, parts.control, parts.catalog}) {}
    http::Routes routes();

private:
    Task<BffPage<RawEvent>> list_events(http::Caller caller, ListEvents request);
    Task<Result<BffPage<RawJob>>> list_jobs(http::Caller caller, ListDispatchJobs request);
    Task<Result<RawEvent>> get_event(http::Caller caller, EventById which);
    Task<Result<RawJob>> get_job(http::Caller caller, JobById which);
    Task<RawJob> raw(store::JobRecord job);

    BffParts parts_;
    JobFinder finder_;
};

}  // namespace fc::messaging
