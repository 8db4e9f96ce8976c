#include "messaging/event_type/event_checks.h"

#include "runtime/log.h"

namespace fc::messaging {
namespace {

/// The one that was compiled before, if it is of the same text.
std::shared_ptr<const SchemaValidator> known(const TypeCheck& earlier, const SpecVersion& version) {
    const auto* const same = earlier.type ? find_version(*earlier.type, version.version) : nullptr;
    const auto found = earlier.validators.find(version.version);
    if (!same || same->schema != version.schema || found == earlier.validators.end()) return nullptr;
    return found->second;
}

TypeCheck::Validators validators_of(const EventType& type, const TypeCheck& earlier) {
    TypeCheck::Validators validators;
    for (const auto& version : type.spec_versions) {
        if (version.schema_type != SchemaType::json_schema || version.status == SchemaStatus::finalising)
            continue;
        auto validator = known(earlier, version);
        if (!validator) {
            auto compiled = SchemaValidator::compile(version.schema.value_or(""));
            if (compiled) validator = std::move(*compiled);
            // It was a schema when it was added: by another edition of this program.
            if (!compiled)
                log::error(
                    "schema cannot be used", {{"eventType", type.code.text()}, {"version", version.version}});
        }
        if (validator) validators.emplace(version.version, std::move(validator));
    }
    return validators;
}

}  // namespace

std::vector<FieldError> faults_of(
    const TypeCheck& check, std::string_view spec_version, std::string_view json, std::uint64_t& steps_left) {
    if (check.type->status == EventTypeStatus::archived) return {{"/type", "is an archived event type"}};
    const auto* const version = version_for(*check.type, spec_version);
    const auto found = version ? check.validators.find(version->version) : check.validators.end();
    if (found == check.validators.end()) return {};
    auto faults = found->second->check(json.empty() ? "null" : json, steps_left);
    for (auto& fault : faults) fault.pointer.insert(0, "/data");
    return faults;
}

void EventChecks::change(
    const std::shared_ptr<const EventType>& before, const std::shared_ptr<const EventType>& after) {
    TypeCheck earlier;
    if (before) {
        if (auto found = by_code_.extract(before->code.text())) earlier = std::move(found.mapped());
    }
    if (!after || after->enforcement == Enforcement::off) return;
    by_code_[after->code.text()] = {after, validators_of(*after, earlier)};
}

}  // namespace fc::messaging
