#include "messaging/event_type/event_type.h"

#include <algorithm>

namespace fc::messaging {
namespace {

constexpr std::string_view unsaid_version = "1.0";

Result<SpecVersion*> get_version(EventType& type, std::string_view version) {
    for (auto& one : type.spec_versions) {
        if (one.version == version) return &one;
    }
    return no_version(version);
}

void set_status(SpecVersion& version, SchemaStatus status, TimePoint now) {
    version.status = status;
    version.updated_at = now;
}

}  // namespace

Error no_version(std::string_view version) {
    return not_found("VERSION_NOT_FOUND", "the event type has no version \"" + std::string(version) + '"');
}

CodeParts parts_of(std::string_view code) {
    const auto take = [&] {
        auto segment = take_segment(code);
        if (segment.starts_with(':') || segment.starts_with('.')) segment.remove_prefix(1);
        return std::string(segment);
    };
    CodeParts parts{take(), take(), take(), {}};
    if (!code.empty()) parts.event = code.substr(1);
    return parts;
}

const SpecVersion* find_version(const EventType& type, std::string_view version) {
    const auto found = std::ranges::find(type.spec_versions, version, &SpecVersion::version);
    return found == type.spec_versions.end() ? nullptr : &*found;
}

const SpecVersion* version_for(const EventType& type, std::string_view spec_version) {
    const auto* named = spec_version == unsaid_version ? nullptr : find_version(type, spec_version);
    if (!named || named->status == SchemaStatus::finalising) {
        const auto current =
            std::ranges::find(type.spec_versions, SchemaStatus::current, &SpecVersion::status);
        named = current == type.spec_versions.end() ? nullptr : &*current;
    }
    return named && named->schema_type == SchemaType::json_schema ? named : nullptr;
}

Result<void> check_editable(const EventType& type) {
    if (type.status == EventTypeStatus::archived)
        return conflict("EVENT_TYPE_ARCHIVED", "an archived event type cannot be changed");
    return {};
}

Result<void> archive_type(EventType& type, TimePoint) {
    if (type.status == EventTypeStatus::archived)
        return conflict("ALREADY_ARCHIVED", "the event type is archived already");
    type.status = EventTypeStatus::archived;
    return {};
}

Result<void> add_version(EventType& type, SpecVersion version, TimePoint now) {
    if (auto editable = check_editable(type); !editable) return editable;
    if (find_version(type, version.version))
        return conflict("VERSION_EXISTS", "the event type has a version \"" + version.version + "\" already");
    if (type.spec_versions.size() == spec_versions_max)
        return conflict("TOO_MANY_VERSIONS", "an event type has at most 100 versions");
    version.created_at = version.updated_at = now;
    type.spec_versions.push_back(std::move(version));
    return {};
}

Result<void> finalise(EventType& type, std::string_view version, TimePoint now) {
    if (auto editable = check_editable(type); !editable) return editable;
    const auto draft = get_version(type, version);
    if (!draft) return draft.error();
    if ((*draft)->status != SchemaStatus::finalising)
        return conflict("INVALID_STATUS", "only a version that is FINALISING can be finalised");
    for (auto& other : type.spec_versions) {
        if (other.status == SchemaStatus::current) set_status(other, SchemaStatus::deprecated, now);
    }
    set_status(**draft, SchemaStatus::current, now);
    return {};
}

Result<void> deprecate(EventType& type, std::string_view version, TimePoint now) {
    const auto found = get_version(type, version);
    if (!found) return found.error();
    if ((*found)->status == SchemaStatus::deprecated)
        return conflict("ALREADY_DEPRECATED", "the version is deprecated already");
    set_status(**found, SchemaStatus::deprecated, now);
    return {};
}

Result<void> remove_draft(EventType& type, std::string_view version) {
    if (auto editable = check_editable(type); !editable) return editable;
    const auto draft = get_version(type, version);
    if (!draft) return draft.error();
    if ((*draft)->status != SchemaStatus::finalising)
        return conflict("INVALID_STATUS", "only a version that is FINALISING can be deleted");
    type.spec_versions.erase(type.spec_versions.begin() + (*draft - type.spec_versions.data()));
    return {};
}

}  // namespace fc::messaging
