#pragma once

#include "messaging/event_type/event_type.h"
#include "messaging/event_type/schema_validator.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fc::messaging {

/// An event type that is enforced, with its schemas ready.
struct TypeCheck {
    using Validators = std::map<std::string, std::shared_ptr<const SchemaValidator>>;

    std::shared_ptr<const EventType> type;
    Validators validators;  ///< by version: all that are finalised and JSON Schema
};

/// What is wrong with an event of that type, by JSON pointer into it; `json` is its data, "" for none.
std::vector<FieldError> faults_of(
    const TypeCheck& check, std::string_view spec_version, std::string_view json, std::uint64_t& steps_left);

/// The enforced types. Schemas are compiled when a type changes, so that an event costs a lookup if its type
/// is not enforced.
class EventChecks {
public:
    /// nullptr before: a new type; nullptr after: a deleted one.
    void change(
        const std::shared_ptr<const EventType>& before, const std::shared_ptr<const EventType>& after);
    /// nullptr: nothing is asked of its events. Valid until the next change.
    const TypeCheck* find(std::string_view code) const {
        const auto found = by_code_.find(code);
        return found == by_code_.end() ? nullptr : &found->second;
    }

private:
    struct Hash {
        // NOLINTNEXTLINE(readability-identifier-naming): the name that std::unordered_map looks for
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, TypeCheck, Hash, std::equal_to<>> by_code_;
};

}  // namespace fc::messaging
