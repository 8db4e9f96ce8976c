#pragma once

#include "http/routes.h"
#include "messaging/catalog.h"
#include "messaging/event_type/schema_compatibility.h"
#include "resource/paging.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// The status to filter by; "ARCHIVE" is what some clients call ARCHIVED.
struct WantedStatus {
    EventTypeStatus value;
};

/// Several of one part are alternatives, the parts together narrow the list.
struct EventTypeFilter {
    std::vector<WantedStatus> status;
    std::vector<std::string> application;
    std::vector<std::string> subdomain;
    std::vector<std::string> aggregate;
};
BOOST_DESCRIBE_STRUCT(EventTypeFilter, (), (status, application, subdomain, aggregate))

struct ListEventTypes : resource::ListRequest, EventTypeFilter {};
BOOST_DESCRIBE_STRUCT(ListEventTypes, (resource::ListRequest, EventTypeFilter), ())

struct EventTypeById {
    Id<EventType> id;
};
BOOST_DESCRIBE_STRUCT(EventTypeById, (), (id))

struct SpecVersionByName : EventTypeById {
    std::string version;
};
BOOST_DESCRIBE_STRUCT(SpecVersionByName, (EventTypeById), (version))

/// `with`: the version to compare with.
struct CompareSpecVersions : SpecVersionByName {
    std::string with;
};
BOOST_DESCRIBE_STRUCT(CompareSpecVersions, (SpecVersionByName), (with))

struct ListSpecVersions : resource::ListRequest {
    Id<EventType> id;
};
BOOST_DESCRIBE_STRUCT(ListSpecVersions, (resource::ListRequest), (id))

/// Absent members stay as they are, "" clears.
struct EventTypeFields {
    std::optional<decltype(EventType::name)> name;
    std::optional<decltype(EventType::description)> description;
    std::optional<decltype(EventType::category)> category;
    std::optional<Enforcement> enforcement;
};
BOOST_DESCRIBE_STRUCT(EventTypeFields, (), (name, description, category, enforcement))

struct EditEventType : EventTypeFields {
    Id<EventType> id;
};
BOOST_DESCRIBE_STRUCT(EditEventType, (EventTypeFields), (id))

struct CreateEventType : EventTypeFields {
    std::optional<EventTypeCode> code;  ///< nullopt: made of the name
};
BOOST_DESCRIBE_STRUCT(CreateEventType, (EventTypeFields), (code))

struct AddSpecVersion : EventTypeById {
    Text<1, 64> version;
    RawJson schema;  ///< its text; a JSON Schema may also be given as it is
    SchemaType schema_type = SchemaType::json_schema;
    std::string mime_type;  ///< "": the usual one of its type
};
BOOST_DESCRIBE_STRUCT(AddSpecVersion, (EventTypeById), (version, schema, schema_type, mime_type))

/// An event type as it is answered: in lists with the text of its schemas as far as
/// `listed_schemas_bytes_max`.
struct EventTypeView : EventType {
    std::string application;
    std::string subdomain;
    std::string aggregate;
    std::string event;
};
BOOST_DESCRIBE_STRUCT(EventTypeView, (EventType), (application, subdomain, aggregate, event))

/// What a list shows of the text of schemas.
constexpr std::size_t listed_schemas_bytes_max = std::size_t{1} << 20U;

/// One page, by code, with the names of both kinds of clients.
struct EventTypePage {
    std::vector<EventTypeView> items;
    std::uint64_t total = 0;
    std::uint32_t page = 0;
    std::uint32_t size = 0;
    std::uint64_t total_items = 0;
    std::uint64_t total_pages = 0;
};
BOOST_DESCRIBE_STRUCT(EventTypePage, (), (items, total, page, size, total_items, total_pages))

/// The values that a filter can have, sorted.
struct FilterOptions {
    std::vector<std::string> options;
};
BOOST_DESCRIBE_STRUCT(FilterOptions, (), (options))

/// `/api/event-types`, and the same for the user interface under `/api/bff/event-types`.
class EventTypeApi {
public:
    explicit EventTypeApi(Catalog* catalog) : catalog_(catalog) {}
    http::Routes routes();

private:
    using Version = SpecVersionByName;

    http::Routes types(std::string prefix);
    http::Routes schemas(std::string prefix);

    EventTypePage list(http::Caller caller, ListEventTypes query) const;
    /// `part`: which part of the codes that the query lets through.
    FilterOptions options(const EventTypeFilter& query, std::string CodeParts::* part) const;
    Result<EventTypeView> get(http::Caller caller, EventTypeById which) const;
    Task<Result<http::Created<EventTypeView>>> create(CreateEventType body);
    Task<Result<EventTypeView>> edit(EditEventType body);
    Task<Result<EventTypeView>> archive(EventTypeById which);
    Task<Result<void>> remove(EventTypeById which);

    Result<http::Page<SpecVersion>> list_versions(http::Caller caller, ListSpecVersions query) const;
    Result<SpecVersion> get_version(http::Caller caller, Version which) const;
    Result<CompatibilityReport> compare(http::Caller caller, CompareSpecVersions which) const;
    Task<Result<http::Created<EventTypeView>>> add_version(http::Request request, AddSpecVersion body);
    Task<Result<EventTypeView>> finalise(Version which);
    Task<Result<EventTypeView>> deprecate(Version which);
    Task<Result<void>> remove_draft(Version which);

    Task<Result<EventTypeView>> change(Id<EventType> id, resource::Rule<EventType> rule);

    Catalog* catalog_;
};

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Traits<messaging::WantedStatus> : StringTraits<messaging::WantedStatus> {
    static constexpr std::string_view schema = R"({"type":"string","enum":["CURRENT","ARCHIVED","ARCHIVE"]})";
    static Fault parse(std::string_view text, messaging::WantedStatus& out);
    static std::string text(messaging::WantedStatus status);
};
template <>
struct Rules<messaging::EventTypeFilter> {
    static constexpr auto names = std::tuple{
        alias(&messaging::EventTypeFilter::status, "statuses"),
        alias(&messaging::EventTypeFilter::application, "applications"),
        alias(&messaging::EventTypeFilter::subdomain, "subdomains"),
        alias(&messaging::EventTypeFilter::aggregate, "aggregates")};
};
template <>
struct Rules<messaging::ListEventTypes> : Rules<messaging::EventTypeFilter> {};
template <>
struct Rules<messaging::CreateEventType> {
    static constexpr auto required = std::tuple{&messaging::EventTypeFields::name};
};
template <>
struct Rules<messaging::CompareSpecVersions> {
    static constexpr auto required = std::tuple{&messaging::CompareSpecVersions::with};
};
template <>
struct Rules<messaging::AddSpecVersion> {
    static constexpr auto required =
        std::tuple{&messaging::AddSpecVersion::version, &messaging::AddSpecVersion::schema};
    static void check(const messaging::AddSpecVersion& body, Faults<messaging::AddSpecVersion>& faults);
};

}  // namespace fc::codec
