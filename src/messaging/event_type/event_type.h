#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "codec/json.h"
#include "messaging/event_type/pattern.h"
#include "store/repository.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fc::messaging {

enum class EventTypeStatus { current, archived };
BOOST_DESCRIBE_ENUM(EventTypeStatus, current, archived)

/// A draft, the one that events are checked against, or an earlier one.
enum class SchemaStatus { finalising, current, deprecated };
BOOST_DESCRIBE_ENUM(SchemaStatus, finalising, current, deprecated)

/// Only a JSON Schema is understood; the others are kept for those who read them.
enum class SchemaType { json_schema, proto, xsd };
BOOST_DESCRIBE_ENUM(SchemaType, json_schema, proto, xsd)

/// What becomes of an event that its type's schema does not allow: nothing is looked at, it is accepted with
/// warnings, or it is refused.
enum class Enforcement { off, warn, reject };
BOOST_DESCRIBE_ENUM(Enforcement, off, warn, reject)

constexpr std::size_t schema_bytes_max = std::size_t{256} << 10U;
constexpr std::size_t spec_versions_max = 100;

/// One version of what the data of an event type looks like.
struct SpecVersion {
    std::string version;
    std::string mime_type;
    std::optional<std::string> schema;  ///< always there in the store; nullopt in a list of types
    SchemaType schema_type = SchemaType::json_schema;
    SchemaStatus status = SchemaStatus::finalising;
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    SpecVersion, (), (version, mime_type, schema, schema_type, status, created_at, updated_at))

/// A kind of event, known to all tenants. Source: README "Event Types", reference 3.3 and 6.10.
struct EventType {
    Id<EventType> id;
    EventTypeCode code;  ///< of up to four parts: application, subdomain, aggregate, event
    Text<1, 255> name;
    Text<0, 4'096> description;
    Text<0, 255> category;
    EventTypeStatus status = EventTypeStatus::current;
    Enforcement enforcement = Enforcement::off;
    std::vector<SpecVersion> spec_versions;  ///< in the order they were added
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    EventType,
    (),
    (id, code, name, description, category, status, enforcement, spec_versions, created_at, updated_at))

/// The first three segments of a code and what follows them; "" where there are fewer.
struct CodeParts {
    std::string application;
    std::string subdomain;
    std::string aggregate;
    std::string event;
};
CodeParts parts_of(std::string_view code);

/// VERSION_NOT_FOUND.
Error no_version(std::string_view version);
const SpecVersion* find_version(const EventType& type, std::string_view version);
/// What an event with that `specVersion` is held against, if it is JSON Schema: the finalised version of
/// that name, else the CURRENT one. "1.0" names none, because it is what an event has that says nothing.
const SpecVersion* version_for(const EventType& type, std::string_view spec_version);

// Rules: what may be done when. An archived type stays as it is, but its versions can still be deprecated.
Result<void> check_editable(const EventType& type);                                ///< EVENT_TYPE_ARCHIVED
Result<void> archive_type(EventType& type, TimePoint now);                         ///< ALREADY_ARCHIVED
Result<void> add_version(EventType& type, SpecVersion version, TimePoint now);     ///< VERSION_EXISTS
Result<void> finalise(EventType& type, std::string_view version, TimePoint now);   ///< INVALID_STATUS
Result<void> deprecate(EventType& type, std::string_view version, TimePoint now);  ///< ALREADY_DEPRECATED
Result<void> remove_draft(EventType& type, std::string_view version);              ///< INVALID_STATUS

}  // namespace fc::messaging

template <>
struct fc::store::Collection<fc::messaging::EventType> {
    static constexpr std::string_view name = "event_types";
    static constexpr std::string_view not_found = "EVENT_TYPE_NOT_FOUND";
    static Tsid client(const fc::messaging::EventType&) { return {}; }
    static std::string code(const fc::messaging::EventType& type) { return type.code.text(); }
};

template <>
struct fc::codec::Traits<fc::messaging::EventTypeCode> : VocabularyTraits<fc::messaging::EventTypeCode> {
    static constexpr std::string_view schema =
        R"({"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*([.:][A-Za-z0-9_-]+)*$","maxLength":255})";
};
