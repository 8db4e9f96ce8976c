#include "messaging/event_type/event_type_api.h"

#include "codec/json.h"
#include "messaging/delivery/payload.h"
#include "messaging/event_type/schema_validator.h"
#include "messaging/texts.h"
#include "resource/assign.h"

#include <algorithm>
#include <set>
#include <utility>

namespace fc::messaging {
namespace {

constexpr std::string_view type_example = R"({
  "code": "shop:sales:order:created", "name": "Order created", "description": "A customer ordered",
  "enforcement": "WARN"})";
constexpr std::string_view edit_example = R"({"name": "Order was created", "enforcement": "REJECT"})";
constexpr std::string_view version_example = R"({"version": "1.1", "schema": {
  "type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}}}})";

constexpr http::Permission may_read{"platform:messaging:event-type:view"};
constexpr http::Permission may_create{"platform:messaging:event-type:create"};
constexpr http::Permission may_update{"platform:messaging:event-type:update"};
constexpr http::Permission may_delete{"platform:messaging:event-type:delete"};

EventTypeView view_of(const EventType& type) {
    auto parts = parts_of(type.code.text());
    return {
        type,
        std::move(parts.application),
        std::move(parts.subdomain),
        std::move(parts.aggregate),
        std::move(parts.event)};
}

bool lets_through(const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool matches(const EventTypeFilter& query, const EventType& type, const CodeParts& parts) {
    const bool fits_status =
        query.status.empty() ||
        std::ranges::find(query.status, type.status, &WantedStatus::value) != query.status.end();
    return fits_status && lets_through(query.application, parts.application) &&
           lets_through(query.subdomain, parts.subdomain) && lets_through(query.aggregate, parts.aggregate);
}

std::string usual_mime_type(SchemaType type) {
    switch (type) {
        case SchemaType::json_schema: return "application/schema+json";
        case SchemaType::proto: return "text/x-protobuf";
        case SchemaType::xsd: break;
    }
    return "application/xml";
}

/// VALIDATION_FAILED says where a JSON Schema is none.
Result<SpecVersion> version_of(AddSpecVersion body) {
    SpecVersion version;
    version.version = body.version.text();
    version.mime_type = body.mime_type.empty() ? usual_mime_type(body.schema_type) : body.mime_type;
    version.schema = delivered_bytes(std::move(body.schema));
    version.schema_type = body.schema_type;
    if (version.schema->size() > schema_bytes_max)
        return codec::validation_failed({{"/schema", "must be at most 256 KiB"}});
    if (version.schema_type == SchemaType::json_schema) {
        if (auto compiled = SchemaValidator::compile(*version.schema); !compiled) {
            auto refused = compiled.error();
            for (auto& fault : refused.fields) fault.pointer.insert(0, "/schema");
            return refused;
        }
    }
    return version;
}

/// EVENT_TYPE_IN_USE names the subscriptions that want exactly this type.
Result<void> check_unused(const Catalog& catalog, const EventType& type) {
    constexpr std::size_t named_max = 10;
    std::size_t count = 0;
    std::string names;
    for (const auto& subscription : catalog.subscriptions().all()) {
        const auto wants_it = [&](const EventTypeBinding& binding) {
            return binding.event_type_code.text() == type.code.text();
        };
        if (std::ranges::none_of(subscription->event_types, wants_it)) continue;
        if (++count <= named_max) names += (names.empty() ? "\"" : ", \"") + subscription->code.text() + '"';
    }
    if (count == 0) return {};
    if (count > named_max) names += " and " + std::to_string(count - named_max) + " more";
    return conflict("EVENT_TYPE_IN_USE", "these subscriptions want exactly this event type: " + names);
}

}  // namespace

http::Routes EventTypeApi::routes() {
    http::Routes routes;
    for (const std::string prefix : {"/api/event-types", "/api/bff/event-types"}) {
        routes.add(types(prefix));
        routes.add(schemas(prefix + "/{id}/schemas"));
    }
    return routes;
}

http::Routes EventTypeApi::types(std::string prefix) {
    using http::bind;
    using Api = EventTypeApi;
    const auto filter = [this](std::string CodeParts::* part) {
        return [this, part](EventTypeFilter query) { return options(query, part); };
    };
    http::Routes routes(std::move(prefix), "Event Types");
    routes.get("", "List event types", bind(this, &Api::list), may_read);
    routes.post("", "Create an event type", bind(this, &Api::create), may_create).example(type_example);
    routes.get("/filters/applications", "List applications", filter(&CodeParts::application), may_read);
    routes.get("/filters/subdomains", "List subdomains", filter(&CodeParts::subdomain), may_read);
    routes.get("/filters/aggregates", "List aggregates", filter(&CodeParts::aggregate), may_read);
    routes.get("/{id}", "Get an event type", bind(this, &Api::get), may_read);
    routes.put("/{id}", "Edit an event type", bind(this, &Api::edit), may_update).example(edit_example);
    routes.patch("/{id}", "Patch an event type", bind(this, &Api::edit), may_update).example(edit_example);
    routes.remove("/{id}", "Delete an event type", bind(this, &Api::remove), may_delete);
    routes.post("/{id}/archive", "Archive an event type", bind(this, &Api::archive), may_update);
    return routes;
}

http::Routes EventTypeApi::schemas(std::string prefix) {
    using http::bind;
    using Api = EventTypeApi;
    http::Routes routes(std::move(prefix), "Event Types");
    routes.get("", "List the schema versions", bind(this, &Api::list_versions), may_read);
    routes.post("", "Add a schema version", bind(this, &Api::add_version), may_update)
        .example(version_example);
    routes.get("/{version}", "Get a schema version", bind(this, &Api::get_version), may_read);
    routes.get("/{version}/compatibility", "Compare schema versions", bind(this, &Api::compare), may_read);
    routes.remove("/{version}", "Delete a schema version", bind(this, &Api::remove_draft), may_update);
    routes.post("/{version}/finalise", "Finalise a schema version", bind(this, &Api::finalise), may_update);
    routes.post(
        "/{version}/deprecate", "Deprecate a schema version", bind(this, &Api::deprecate), may_update);
    return routes;
}

EventTypePage EventTypeApi::list(http::Caller, ListEventTypes query) const {
    auto types = catalog_->event_types().all();
    std::erase_if(
        types, [&](const EventTypePtr& type) { return !matches(query, *type, parts_of(type->code.text())); });
    std::ranges::sort(types, {}, [](const EventTypePtr& type) { return type->code; });
    std::size_t schemas_bytes = 0;
    auto shown = resource::page_of<"items">(types, query, [&](const EventTypePtr& type) {
        auto view = view_of(*type);
        for (auto& version : view.spec_versions) {
            schemas_bytes += version.schema->size();
            if (schemas_bytes > listed_schemas_bytes_max) version.schema.reset();
        }
        return view;
    });
    EventTypePage page{std::move(shown.items), types.size(), shown.page, shown.size, types.size(), 0};
    page.total_pages = (page.total + page.size - 1) / page.size;
    return page;
}

FilterOptions EventTypeApi::options(const EventTypeFilter& query, std::string CodeParts::* part) const {
    std::set<std::string> values;
    for (const auto& type : catalog_->event_types().all()) {
        const auto parts = parts_of(type->code.text());
        if (!(parts.*part).empty() && matches(query, *type, parts)) values.insert(parts.*part);
    }
    return {{values.begin(), values.end()}};
}

Result<EventTypeView> EventTypeApi::get(http::Caller, EventTypeById which) const {
    const auto type = catalog_->event_types().find(which.id);
    if (!type) return catalog_->event_types().missing(which.id.to_string());
    return view_of(*type);
}

Task<Result<http::Created<EventTypeView>>> EventTypeApi::create(CreateEventType body) {
    EventType type;
    auto rule = [this, code = body.code](EventType& one, TimePoint) -> Result<void> {
        one.code = code.value_or(resource::free_code(catalog_->event_types(), {}, one.name.text()));
        return {};
    };
    resource::assign(type, EventTypeFields(std::move(body)));
    const auto stored = (co_await catalog_->event_types().insert(std::move(type), std::move(rule))).value();
    http::Created<EventTypeView> answer;
    answer.body = view_of(*stored);
    co_return answer;
}

Task<Result<EventTypeView>> EventTypeApi::change(Id<EventType> id, resource::Rule<EventType> rule) {
    const auto changed = co_await catalog_->event_types().change(id, std::move(rule));
    co_return view_of(*changed.value());
}

Task<Result<EventTypeView>> EventTypeApi::edit(EditEventType body) {
    const auto id = body.id;
    return change(id, [fields = EventTypeFields(std::move(body))](EventType& type, TimePoint) {
        auto editable = check_editable(type);
        if (editable) resource::assign(type, fields);
        return editable;
    });
}

Task<Result<EventTypeView>> EventTypeApi::archive(EventTypeById which) {
    return change(which.id, archive_type);
}

Task<Result<void>> EventTypeApi::remove(EventTypeById which) {
    auto rule = [this](EventType& type, TimePoint) { return check_unused(*catalog_, type); };
    const auto removed = co_await catalog_->event_types().remove(which.id, std::move(rule));
    removed.value();
    co_return Result<void>();
}

Result<http::Page<SpecVersion>> EventTypeApi::list_versions(
    http::Caller caller, ListSpecVersions query) const {
    const auto type = get(std::move(caller), {query.id});
    const auto& versions = type.value().spec_versions;
    return resource::page_of<"items">(versions, query, [](const SpecVersion& one) { return one; });
}

Result<SpecVersion> EventTypeApi::get_version(http::Caller caller, Version which) const {
    const auto type = get(std::move(caller), which);
    const auto* version = find_version(type.value(), which.version);
    if (!version) return no_version(which.version);
    return *version;
}

Result<CompatibilityReport> EventTypeApi::compare(http::Caller caller, CompareSpecVersions which) const {
    const auto version = get_version(caller, which);
    const auto with = get_version(caller, {{which.id}, which.with});
    return compare_versions(version.value(), with.value());
}

Task<Result<http::Created<EventTypeView>>> EventTypeApi::add_version(
    http::Request request, AddSpecVersion body) {
    const auto id = body.id;
    auto version = version_of(std::move(body)).value();
    auto rule = [version = std::move(version)](EventType& type, TimePoint now) {
        return messaging::add_version(type, version, now);
    };
    auto changed = (co_await change(id, std::move(rule))).value();
    http::Created<EventTypeView> answer;
    answer.location = std::string(request.path()) + '/' + changed.spec_versions.back().version;
    answer.body = std::move(changed);
    co_return answer;
}

Task<Result<EventTypeView>> EventTypeApi::finalise(Version which) {
    return change(which.id, [which](EventType& type, TimePoint now) {
        return messaging::finalise(type, which.version, now);
    });
}

Task<Result<EventTypeView>> EventTypeApi::deprecate(Version which) {
    return change(which.id, [which](EventType& type, TimePoint now) {
        return messaging::deprecate(type, which.version, now);
    });
}

Task<Result<void>> EventTypeApi::remove_draft(Version which) {
    auto rule = [which](EventType& type, TimePoint) { return messaging::remove_draft(type, which.version); };
    const auto changed = co_await change(which.id, std::move(rule));
    changed.value();
    co_return Result<void>();
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::AddSpecVersion;
using messaging::EventTypeStatus;
using messaging::WantedStatus;

Fault Traits<WantedStatus>::parse(std::string_view text, WantedStatus& out) {
    return Traits<EventTypeStatus>::parse(text == "ARCHIVE" ? "ARCHIVED" : text, out.value);
}

std::string Traits<WantedStatus>::text(WantedStatus status) {
    return Traits<EventTypeStatus>::text(status.value);
}

void Rules<AddSpecVersion>::check(const AddSpecVersion& body, Faults<AddSpecVersion>& faults) {
    // It is a segment of paths.
    const auto is_usual = [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("._+-").find(static_cast<char>(c)) != std::string::npos;
    };
    const auto& version = body.version.text();
    const bool is_name = std::ranges::all_of(version, is_usual) && version.front() != '.';
    faults.expect(
        is_name, &AddSpecVersion::version, "must be letters, digits and . _ + -, and not begin with a dot");
    const auto mime_type = messaging::fault_of_text(body.mime_type);
    faults.expect(!mime_type, &AddSpecVersion::mime_type, mime_type.value_or(""));
    const bool is_json = body.schema_type == messaging::SchemaType::json_schema;
    faults.expect(is_json || messaging::is_text(body.schema), &AddSpecVersion::schema, "must be a string");
}

}  // namespace fc::codec
