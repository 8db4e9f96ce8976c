#include "messaging/event_type/schema_check.h"

#include "base/encoding.h"
#include "codec/json.h"
#include "messaging/event_type/schema_document.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

namespace fc::messaging {
namespace {

using codec::JsonKind;
using codec::JsonValue;

/// Levels of JSON in the schema and in all that it refers to: bounds the recursion of those who follow it.
constexpr std::size_t levels_max = 600;

/// Where a schema stands: its first byte, which no other value shares.
using Position = const char*;

Position position_of(JsonValue value) {
    return value.raw().data();
}

std::size_t depth_of(JsonValue value) {
    std::size_t deepest = 0;
    const bool is_object = value.is_object();
    if (!is_object && !value.is_array()) return 1;
    for (auto item = value.first(); item.exists();) {
        const auto part = is_object ? item.value_of_key() : item;
        deepest = std::max(deepest, depth_of(part));
        item = value.after(part);
    }
    return 1 + deepest;
}

/// Looks at one schema after the other, those that a reference leads to included.
class SchemaWalk {
public:
    explicit SchemaWalk(JsonValue root) : root_(root) {}
    Result<SchemaFacts> run();

private:
    struct Task {
        JsonValue schema;
        std::string pointer;
    };
    /// Where the member under examination stands.
    struct Here {
        JsonValue value;
        std::string pointer;
        Position schema;  ///< that it belongs to
    };

    void examine(const Task& task);
    void examine_member(std::string_view name, const Here& here);
    void look_at_head();
    void follow(const Here& here);
    void expect_id(const Here& here);
    void expect_schema(const Here& here, bool in_place);
    void expect_schemas(const Here& here, bool in_place);
    void expect_map(const Here& here, bool of_patterns);
    void expect_dependencies(const Here& here);
    void expect_names(const Here& here);
    void expect_type(const Here& here);
    void expect_pattern(std::string_view text, const std::string& pointer);
    void expect_count(const Here& here);
    void expect_bound(const Here& here);
    void expect_text(const Here& here);
    void find_circles();

    template <class Visit>
    void each_member(const Here& here, const Visit& visit);
    void fail(std::string pointer, std::string detail) {
        if (faults_.size() < codec::field_errors_max)
            faults_.push_back({std::move(pointer), std::move(detail)});
    }
    void widen(std::size_t count) { facts_.widest = std::max(facts_.widest, count); }

    JsonValue root_;
    SchemaFacts facts_;
    std::vector<FieldError> faults_;
    std::vector<Task> tasks_;
    std::set<Position> seen_;
    std::size_t levels_ = 0;
    std::set<Position> targets_;
    std::map<Position, std::vector<Position>> in_place_;  ///< schemas that look at the same value
    std::map<Position, std::string> references_at_;       ///< where each schema refers to another
};

Result<SchemaFacts> SchemaWalk::run() {
    look_at_head();
    levels_ = depth_of(root_);
    tasks_.push_back({root_, ""});
    while (!tasks_.empty() && faults_.size() < codec::field_errors_max) {
        const auto task = std::move(tasks_.back());
        tasks_.pop_back();
        if (seen_.insert(position_of(task.schema)).second) examine(task);
    }
    if (levels_ > levels_max)
        fail("", "refers to too much: what is referred to may have 600 levels together");
    if (faults_.empty()) find_circles();
    if (!faults_.empty()) return codec::validation_failed(std::move(faults_));
    return std::move(facts_);
}

void SchemaWalk::look_at_head() {
    if (!root_.is_object()) return;
    const auto draft = root_.find("$schema");
    if (!draft.exists()) return;
    std::string scratch;
    auto uri = draft.is_string() ? draft.text(scratch) : std::string_view{};
    if (uri.ends_with('#')) uri.remove_suffix(1);
    const auto known = [&](std::string_view name) {
        return uri == "http://json-schema.org/" + std::string(name) + "/schema" ||
               uri == "https://json-schema.org/" + std::string(name) + "/schema";
    };
    facts_.is_draft_4 = known("draft-04");
    if (!facts_.is_draft_4 && !known("draft-06") && !known("draft-07"))
        fail("/$schema", "must be that of draft-07, draft-06 or draft-04: others are not supported");
}

void SchemaWalk::examine(const Task& task) {
    if (task.schema.kind() == JsonKind::boolean) return;
    if (!task.schema.is_object()) return fail(task.pointer, "must be a schema: an object, true or false");
    std::size_t count = 0;
    const auto schema = position_of(task.schema);
    if (const auto reference = task.schema.find("$ref"); reference.exists())
        return follow({reference, pointer_to(task.pointer, "$ref"), schema});
    std::string scratch;
    for (auto key = task.schema.first(); key.exists(); key = task.schema.after(key.value_of_key())) {
        const std::string name(key.text(scratch));
        examine_member(name, {key.value_of_key(), pointer_to(task.pointer, name), schema});
        ++count;
    }
    widen(count);
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

void SchemaWalk::examine_member(std::string_view name, const Here& here) {
    if (is_one_of(name, {"not", "if", "then", "else"})) return expect_schema(here, true);
    if (is_one_of(name, {"additionalItems", "additionalProperties", "contains", "propertyNames"}))
        return expect_schema(here, false);
    if (is_one_of(name, {"allOf", "anyOf", "oneOf"})) return expect_schemas(here, true);
    if (name == "items")
        return here.value.is_array() ? expect_schemas(here, false) : expect_schema(here, false);
    if (is_one_of(name, {"properties", "definitions", "$defs"})) return expect_map(here, false);
    if (name == "patternProperties") return expect_map(here, true);
    if (name == "dependencies") return expect_dependencies(here);
    if (name == "required") return expect_names(here);
    if (name == "type") return expect_type(here);
    if (name == "$id" || name == "id") return expect_id(here);
    if (is_one_of(name, {"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"}))
        return expect_count(here);
    if (is_one_of(name, {"maximum", "minimum", "multipleOf", "exclusiveMaximum", "exclusiveMinimum"}))
        return expect_bound(here);
    if (is_one_of(name, {"pattern", "title", "description", "format", "$comment"})) return expect_text(here);
    if (name == "uniqueItems" && here.value.kind() != JsonKind::boolean)
        return fail(here.pointer, "must be true or false");
    if (name == "enum") {
        if (!here.value.is_array() || !here.value.first().exists())
            return fail(here.pointer, "must be an array with at least one element");
        std::size_t count = 0;
        for (auto item = here.value.first(); item.exists(); item = here.value.after(item)) ++count;
        return widen(count);
    }
    if (is_one_of(
            name,
            {"prefixItems",
             "unevaluatedItems",
             "unevaluatedProperties",
             "dependentRequired",
             "dependentSchemas",
             "minContains",
             "maxContains",
             "$anchor",
             "$dynamicRef",
             "$recursiveRef",
             "divisibleBy",
             "disallow",
             "extends"}))
        fail(here.pointer, "is a keyword of another draft than 4, 6 and 7, and would not be followed");
}

void SchemaWalk::follow(const Here& here) {
    std::string scratch;
    const auto text = here.value.is_string() ? here.value.text(scratch) : std::string_view{};
    if (!text.starts_with('#') || (text.size() > 1 && text[1] != '/')) {
        return fail(
            here.pointer,
            "must lead into this schema (\"#\" or \"#/definitions/...\"): nothing is fetched from elsewhere");
    }
    const auto target = resolve(root_, text.substr(1));
    if (!target.exists()) return fail(here.pointer, "leads to nothing");
    if (levels_ <= levels_max && targets_.insert(position_of(target)).second) levels_ += depth_of(target);
    in_place_[here.schema].push_back(position_of(target));
    references_at_[here.schema] = here.pointer;
    tasks_.push_back({target, std::string(text.substr(1))});
}

void SchemaWalk::expect_id(const Here& here) {
    if (!here.value.is_string()) return fail(here.pointer, "must be a string");
    if (here.schema != position_of(root_))
        fail(here.pointer, "is supported only at the root: use \"#/definitions/...\" to refer to a part");
}

void SchemaWalk::expect_schema(const Here& here, bool in_place) {
    if (in_place) in_place_[here.schema].push_back(position_of(here.value));
    tasks_.push_back({here.value, here.pointer});
}

void SchemaWalk::expect_schemas(const Here& here, bool in_place) {
    if (!here.value.is_array() || (in_place && !here.value.first().exists()))
        return fail(here.pointer, "must be an array with at least one schema");
    std::size_t count = 0;
    for (auto item = here.value.first(); item.exists(); item = here.value.after(item), ++count) {
        expect_schema({item, pointer_to(here.pointer, std::to_string(count)), here.schema}, in_place);
    }
    widen(count);
}

template <class Visit>
void SchemaWalk::each_member(const Here& here, const Visit& visit) {
    if (!here.value.is_object()) return fail(here.pointer, "must be an object");
    std::size_t count = 0;
    std::string scratch;
    for (auto key = here.value.first(); key.exists(); key = here.value.after(key.value_of_key()), ++count) {
        const std::string name(key.text(scratch));
        visit(name, Here{key.value_of_key(), pointer_to(here.pointer, name), here.schema});
    }
    widen(count);
}

void SchemaWalk::expect_map(const Here& here, bool of_patterns) {
    each_member(here, [&](const std::string& name, const Here& member) {
        if (of_patterns) expect_pattern(name, member.pointer);
        expect_schema(member, false);
    });
}

void SchemaWalk::expect_dependencies(const Here& here) {
    each_member(here, [&](const std::string&, const Here& member) {
        return member.value.is_array() ? expect_names(member) : expect_schema(member, true);
    });
}

void SchemaWalk::expect_names(const Here& here) {
    if (!here.value.is_array()) return fail(here.pointer, "must be an array of strings");
    std::set<std::string> names;
    std::size_t count = 0;
    std::string scratch;
    for (auto item = here.value.first(); item.exists(); item = here.value.after(item), ++count) {
        const auto pointer = pointer_to(here.pointer, std::to_string(count));
        if (!item.is_string())
            fail(pointer, "must be a string");
        else if (!names.emplace(item.text(scratch)).second)
            fail(pointer, "is there twice");
    }
    if (count == 0 && facts_.is_draft_4) fail(here.pointer, "must not be empty in draft 4");
    widen(count);
}

void SchemaWalk::expect_type(const Here& here) {
    const auto expect_one = [&](JsonValue value, const std::string& pointer) {
        std::string scratch;
        const auto name = value.is_string() ? value.text(scratch) : std::string_view{};
        if (!is_one_of(name, {"null", "boolean", "object", "array", "number", "string", "integer"}))
            fail(pointer, "must be one of null, boolean, object, array, number, string, integer");
    };
    if (!here.value.is_array()) return expect_one(here.value, here.pointer);
    std::size_t count = 0;
    for (auto item = here.value.first(); item.exists(); item = here.value.after(item))
        expect_one(item, pointer_to(here.pointer, std::to_string(count++)));
    if (count == 0) fail(here.pointer, "must name at least one type");
}

void SchemaWalk::expect_pattern(std::string_view text, const std::string& pointer) {
    auto pattern = SchemaPattern::parse(text);
    if (!pattern) return fail(pointer, pattern.error().detail);
    facts_.patterns.emplace(std::string(text), std::move(*pattern));
}

void SchemaWalk::expect_count(const Here& here) {
    const bool is_number = here.value.kind() == JsonKind::number;
    const auto count = is_number ? codec::integral_value(here.value.raw()) : std::nullopt;
    if (!count || *count < 0) fail(here.pointer, "must be an integer from 0");
}

void SchemaWalk::expect_bound(const Here& here) {
    const bool is_flag = facts_.is_draft_4 && here.pointer.find("/exclusiveM") != std::string::npos;
    if (is_flag && here.value.kind() == JsonKind::boolean) return;
    if (is_flag) return fail(here.pointer, "must be true or false in draft 4");
    double number = 0;
    const bool is_number = here.value.kind() == JsonKind::number;
    if (!is_number || codec::parse_double(here.value.raw(), number))
        return fail(here.pointer, "must be a number");
    if (here.pointer.ends_with("/multipleOf") && number <= 0) fail(here.pointer, "must be above 0");
}

void SchemaWalk::expect_text(const Here& here) {
    if (!here.value.is_string()) return fail(here.pointer, "must be a string");
    std::string scratch;
    if (here.pointer.ends_with("/pattern")) expect_pattern(here.value.text(scratch), here.pointer);
}

/// A schema that comes back to itself without having gone into the data would never end.
void SchemaWalk::find_circles() {
    enum class Mark { none, open, done };
    std::map<Position, Mark> marks;
    for (const auto& [start, unused] : in_place_) {
        std::vector<std::pair<Position, std::size_t>> path{{start, 0}};
        if (marks[start] == Mark::done) continue;
        marks[start] = Mark::open;
        while (!path.empty()) {
            auto& [schema, next] = path.back();
            const auto found = in_place_.find(schema);
            if (found == in_place_.end() || next == found->second.size()) {
                marks[schema] = Mark::done;
                path.pop_back();
                continue;
            }
            const auto target = found->second[next++];
            if (marks[target] == Mark::open) {
                const auto refers = [&](const auto& step) { return references_at_.contains(step.first); };
                const auto at = std::find_if(path.rbegin(), path.rend(), refers);
                return fail(references_at_[at->first], "leads in a circle without going into the data");
            }
            if (marks[target] == Mark::done) continue;
            marks[target] = Mark::open;
            path.emplace_back(target, 0);
        }
    }
}

}  // namespace

Result<SchemaFacts> check_schema(std::string_view text) {
    const auto document = codec::JsonDocument::parse(text);
    if (!document) return codec::validation_failed({{"", document.error().detail}});
    return SchemaWalk(document->root()).run();
}

}  // namespace fc::messaging
