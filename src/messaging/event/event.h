#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "codec/json.h"
#include "messaging/batch.h"
#include "messaging/catalog.h"
#include "messaging/event_type/pattern.h"
#include "store/records.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

struct ContextEntry {
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(ContextEntry, (), (key, value))

/// What an application publishes. Source: README "Events", reference 3.2.
struct CreateEvent {
    EventTypeCode type;
    Text<1, 1'024> source;
    std::string spec_version = "1.0";
    std::string subject;
    std::optional<TimePoint> time;  ///< nullopt: now
    RawJson data;                   ///< a string is delivered as its text, any other value as its own bytes
    std::optional<std::string> data_base64;  ///< instead of `data`: bytes that are no JSON
    std::string data_content_type;           ///< "": application/json
    std::string correlation_id;
    std::string causation_id;
    std::string deduplication_id;
    std::string message_group;
    std::vector<ContextEntry> context_data;
    /// Not a member of bodies: of a CloudEvent, whose `data.text` are the very bytes to deliver.
    std::optional<store::DataKind> data_kind;
    std::vector<ItemWarning> warnings;  ///< not a member of bodies: what its type warns of
};
BOOST_DESCRIBE_STRUCT(
    CreateEvent,
    (),
    (type,
     source,
     spec_version,
     subject,
     time,
     data,
     data_base64,
     data_content_type,
     correlation_id,
     causation_id,
     deduplication_id,
     message_group,
     context_data))

/// An event as it is answered.
struct EventView {
    Tsid id;
    std::string spec_version;
    std::string type;
    std::string source;
    std::optional<std::string> subject;
    TimePoint time;
    RawJson data;
    std::optional<std::string> data_base64;        ///< instead of `data` when that is neither JSON nor text
    std::optional<std::string> data_content_type;  ///< nullopt: application/json
    std::optional<std::string> correlation_id;
    std::optional<std::string> causation_id;
    std::optional<std::string> deduplication_id;
    std::optional<std::string> message_group;
    RawJson context_data;
    Tsid client_id;
    std::int64_t dispatch_job_count = 0;
    std::optional<bool> duplicate;
    std::optional<std::vector<ItemWarning>> warnings;  ///< only when it was just published
    TimePoint created_at;
};
BOOST_DESCRIBE_STRUCT(
    EventView,
    (),
    (id,
     spec_version,
     type,
     source,
     subject,
     time,
     data,
     data_base64,
     data_content_type,
     correlation_id,
     causation_id,
     deduplication_id,
     message_group,
     context_data,
     client_id,
     dispatch_job_count,
     duplicate,
     warnings,
     created_at))

/// Who publishes and when: what an event has besides its body.
struct Publication {
    Tsid client_id;
    TimePoint now;
};

/// The event as it is stored.
store::EventRecord event_of(CreateEvent request, Publication publication, Tsid id);
/// The event with one dispatch job for each subscription that wants it.
store::NewEvent make_event(
    CreateEvent request, Publication publication, const Catalog& catalog, TsidGenerator& ids);

/// The job that a match makes. Target, secret, timeout and pool are read from the subscription at delivery.
store::JobRecord job_for(
    const Subscription& subscription,
    const store::EventRecord& event,
    const Catalog& catalog,
    TsidGenerator& ids);

/// Whether a match or a replay made it of its event, whose `job_count` counts it.
bool is_of_event(const store::JobRecord& job);

EventView view_of(const store::EventRecord& event);

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::CreateEvent> {
    static constexpr auto required =
        std::tuple{&fc::messaging::CreateEvent::type, &fc::messaging::CreateEvent::source};
    static void check(const fc::messaging::CreateEvent& event, Faults<fc::messaging::CreateEvent>& faults);
};
