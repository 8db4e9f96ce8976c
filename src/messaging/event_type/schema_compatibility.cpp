#include "messaging/event_type/schema_compatibility.h"

#include "codec/json.h"
#include "messaging/event_type/schema_document.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace fc::messaging {
namespace {

using codec::JsonKind;
using codec::JsonValue;

constexpr std::size_t differences_max = 200;
constexpr std::size_t comparisons_max = 20'000;

/// A schema of one of the two documents.
struct Side {
    JsonValue root;
    JsonValue schema;  ///< absent: anything is allowed
    std::string pointer;

    JsonValue find(std::string_view keyword) const {
        return schema.is_object() ? schema.find(keyword) : JsonValue{};
    }
    Side part(std::string_view keyword) const { return {root, find(keyword), pointer_to(pointer, keyword)}; }
    Side within(JsonValue value, std::string_view member) const {
        return {root, value, pointer_to(pointer, member)};
    }
    bool allows_nothing() const { return schema.kind() == JsonKind::boolean && !schema.boolean(); }
};

Side followed(Side side) {
    constexpr int references_max = 100;
    std::string scratch;
    for (int count = 0; count < references_max; ++count) {
        const auto reference = side.find("$ref");
        if (!reference.is_string()) break;
        const std::string target(reference.text(scratch).substr(1));
        side.schema = resolve(side.root, target);
        side.pointer = target;
    }
    return side;
}

std::set<std::string> types_of(const Side& side) {
    std::set<std::string> types = values_of(side.find("type"));
    if (types.empty())
        types = {"\"array\"", "\"boolean\"", "\"null\"", "\"number\"", "\"object\"", "\"string\""};
    if (types.contains("\"number\"")) types.insert("\"integer\"");
    return types;
}

std::string listed(const std::set<std::string>& values) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + value;
    constexpr std::size_t shown_max = 200;
    return text.size() <= shown_max ? text : text.substr(0, shown_max) + "...";
}

std::set<std::string> minus(const std::set<std::string>& all, const std::set<std::string>& others) {
    std::set<std::string> rest;
    std::ranges::set_difference(all, others, std::inserter(rest, rest.end()));
    return rest;
}

std::optional<double> number_of(JsonValue value) {
    double number = 0;
    if (value.kind() != JsonKind::number || codec::parse_double(value.raw(), number)) return std::nullopt;
    return number;
}

class Comparison {
public:
    explicit Comparison(CompatibilityReport& report) : report_(&report) {}
    void compare(Side newer, Side older);
    /// Whether the parts that references may lead to are the same in both.
    bool same_definitions = false;

private:
    enum class Breaks { backward, forward, both, undecided };
    void note(const Side& where, std::string detail, Breaks breaks);
    /// `narrower`: the newer one allows less; nothing is noted when neither changed.
    void note_change(
        const Side& newer, const Side& older, bool narrower, bool wider, const std::string& what);

    void compare_types(const Side& newer, const Side& older);
    void compare_values(const Side& newer, const Side& older);
    void compare_bounds(const Side& newer, const Side& older);
    void compare_multiple(const Side& newer, const Side& older);
    void compare_texts(const Side& newer, const Side& older);
    void compare_required(const Side& newer, const Side& older);
    void compare_properties(const Side& newer, const Side& older);
    void compare_property(const Side& with, const Side& without, const std::string& name, bool is_added);
    void compare_items(const Side& newer, const Side& older);
    void compare_all_of(const Side& newer, const Side& older);
    void compare_any_of(const Side& newer, const Side& older);
    void compare_opaque(const Side& newer, const Side& older);
    bool is_same(JsonValue newer, JsonValue older) const;

    CompatibilityReport* report_;
    std::set<std::pair<const char*, const char*>> seen_;
};

void Comparison::note(const Side& where, std::string detail, Breaks breaks) {
    auto& differences = report_->differences;
    if (differences.size() == differences_max) return;
    SchemaDifference difference;
    difference.pointer = where.pointer;
    difference.detail = std::move(detail);
    difference.breaks_backward = breaks == Breaks::backward || breaks == Breaks::both;
    difference.breaks_forward = breaks == Breaks::forward || breaks == Breaks::both;
    difference.is_undecided = breaks == Breaks::undecided;
    differences.push_back(std::move(difference));
}

void Comparison::note_change(
    const Side& newer, const Side& older, bool narrower, bool wider, const std::string& what) {
    const auto& where = newer.schema.exists() ? newer : older;
    if (narrower && wider) return note(where, what + " changed", Breaks::both);
    if (narrower) note(where, what + " is tighter", Breaks::backward);
    if (wider) note(where, what + " is looser", Breaks::forward);
}

bool Comparison::is_same(JsonValue newer, JsonValue older) const {
    if (!newer.exists() || !older.exists()) return newer.exists() == older.exists();
    const auto text = canonical_text(newer);
    return text == canonical_text(older) && (same_definitions || text.find("\"$ref\"") == std::string::npos);
}

void Comparison::compare(Side newer, Side older) {
    newer = followed(std::move(newer));
    older = followed(std::move(older));
    const auto at = [](const Side& side) {
        return side.schema.exists() ? side.schema.raw().data() : nullptr;
    };
    if (!seen_.emplace(at(newer), at(older)).second) return;
    if (seen_.size() == comparisons_max)
        return note(newer, "the schemas are too large to be compared from here on", Breaks::undecided);
    if (seen_.size() > comparisons_max) return;
    if (newer.allows_nothing() || older.allows_nothing()) {
        if (newer.allows_nothing() && !older.allows_nothing())
            note(newer, "nothing is allowed here any more", Breaks::backward);
        if (older.allows_nothing() && !newer.allows_nothing())
            note(newer.schema.exists() ? newer : older, "something is allowed here now", Breaks::forward);
        return;
    }
    compare_types(newer, older);
    compare_values(newer, older);
    compare_bounds(newer, older);
    compare_multiple(newer, older);
    compare_texts(newer, older);
    compare_required(newer, older);
    compare_properties(newer, older);
    compare_items(newer, older);
    compare_all_of(newer, older);
    compare_any_of(newer, older);
    compare_opaque(newer, older);
}

void Comparison::compare_types(const Side& newer, const Side& older) {
    const auto wanted = types_of(newer);
    const auto given = types_of(older);
    const auto where = newer.find("type").exists() ? newer.part("type") : older.part("type");
    if (const auto gone = minus(given, wanted); !gone.empty())
        note(where, "no longer allows the type " + listed(gone), Breaks::backward);
    if (const auto more = minus(wanted, given); !more.empty())
        note(where, "also allows the type " + listed(more), Breaks::forward);
}

void Comparison::compare_values(const Side& newer, const Side& older) {
    for (const auto* keyword : {"enum", "const"}) {
        const auto now = newer.part(keyword);
        const auto then = older.part(keyword);
        const bool is_enum = std::string_view(keyword) == "enum";
        if (!now.schema.exists() || !then.schema.exists()) {
            note_change(now, then, now.schema.exists(), then.schema.exists(), keyword);
            continue;
        }
        const auto values = [&](JsonValue value) {
            return is_enum ? values_of(value) : std::set<std::string>{canonical_text(value)};
        };
        if (const auto gone = minus(values(then.schema), values(now.schema)); !gone.empty())
            note(now, "no longer allows " + listed(gone), Breaks::backward);
        if (const auto more = minus(values(now.schema), values(then.schema)); !more.empty())
            note(now, "also allows " + listed(more), Breaks::forward);
    }
}

void Comparison::compare_bounds(const Side& newer, const Side& older) {
    struct Bound {
        const char* keyword;
        bool is_lower;
        double unsaid;
    };
    constexpr double none = HUGE_VAL;
    constexpr Bound bounds[] = {
        {"minimum", true, -none},
        {"exclusiveMinimum", true, -none},
        {"minLength", true, 0},
        {"minItems", true, 0},
        {"minProperties", true, 0},
        {"maximum", false, none},
        {"exclusiveMaximum", false, none},
        {"maxLength", false, none},
        {"maxItems", false, none},
        {"maxProperties", false, none}};
    for (const auto& bound : bounds) {
        const auto now = newer.part(bound.keyword);
        const auto then = older.part(bound.keyword);
        const auto is_flag = [](const Side& side) { return side.schema.kind() == JsonKind::boolean; };
        if (is_flag(now) || is_flag(then)) {
            if (!is_same(now.schema, then.schema))
                note(
                    now.schema.exists() ? now : then,
                    "is a flag of draft 4: not compared",
                    Breaks::undecided);
            continue;
        }
        const double limit = number_of(now.schema).value_or(bound.unsaid);
        const double before = number_of(then.schema).value_or(bound.unsaid);
        const bool is_tighter = bound.is_lower ? limit > before : limit < before;
        note_change(now, then, is_tighter, limit != before && !is_tighter, bound.keyword);
    }
}

void Comparison::compare_multiple(const Side& newer, const Side& older) {
    const auto now = newer.part("multipleOf");
    const auto then = older.part("multipleOf");
    const auto step = number_of(now.schema);
    const auto before = number_of(then.schema);
    if (step == before) return;
    const bool narrower = step && (!before || std::fmod(*step, *before) == 0);
    const bool wider = before && (!step || std::fmod(*before, *step) == 0);
    note_change(now, then, narrower || !wider, wider || !narrower, "multipleOf");
}

void Comparison::compare_texts(const Side& newer, const Side& older) {
    for (const auto* keyword : {"pattern", "format"}) {
        const auto now = newer.part(keyword);
        const auto then = older.part(keyword);
        if (is_same(now.schema, then.schema)) continue;
        if (now.schema.exists() && then.schema.exists())
            note(now, std::string(keyword) + " changed: what that means cannot be told", Breaks::undecided);
        else
            note_change(now, then, now.schema.exists(), then.schema.exists(), keyword);
    }
    const auto is_on = [](JsonValue flag) { return flag.kind() == JsonKind::boolean && flag.boolean(); };
    const auto now = newer.part("uniqueItems");
    const auto then = older.part("uniqueItems");
    const bool is = is_on(now.schema);
    const bool was = is_on(then.schema);
    note_change(now, then, is && !was, was && !is, "uniqueItems");
}

void Comparison::compare_required(const Side& newer, const Side& older) {
    const auto now = newer.part("required");
    const auto then = older.part("required");
    const auto wanted = values_of(now.schema);
    const auto given = values_of(then.schema);
    if (const auto more = minus(wanted, given); !more.empty())
        note(now, "requires " + listed(more), Breaks::backward);
    if (const auto fewer = minus(given, wanted); !fewer.empty())
        note(now.schema.exists() ? now : then, "no longer requires " + listed(fewer), Breaks::forward);
}

/// A property that only `with` describes: what the other one makes of data that has it.
void Comparison::compare_property(
    const Side& with, const Side& without, const std::string& name, bool is_added) {
    const auto properties = with.part("properties");
    const auto property = properties.within(properties.schema.find(name), name);
    const auto others = without.part("additionalProperties");
    const std::string what = is_added ? "the property was added" : "the property was removed";
    if (others.allows_nothing()) {
        note(
            property,
            what + ", and the other version allows no other properties",
            is_added ? Breaks::forward : Breaks::backward);
    } else if (others.schema.is_object() || without.find("patternProperties").exists()) {
        note(property, what + ": whether the other version allows it cannot be told", Breaks::undecided);
    }
}

void Comparison::compare_properties(const Side& newer, const Side& older) {
    const auto now = newer.part("properties");
    const auto then = older.part("properties");
    const auto described = members_of(now.schema);
    const auto before = members_of(then.schema);
    for (const auto& [name, schema] : before) {
        const auto found = described.find(name);
        if (found == described.end())
            compare_property(older, newer, name, false);
        else
            compare(now.within(found->second, name), then.within(schema, name));
    }
    for (const auto& [name, schema] : described) {
        if (!before.contains(name)) compare_property(newer, older, name, true);
    }
    for (const auto* keyword : {"additionalProperties", "propertyNames"})
        compare(newer.part(keyword), older.part(keyword));
}

void Comparison::compare_items(const Side& newer, const Side& older) {
    const auto now = newer.part("items");
    const auto then = older.part("items");
    if (!now.schema.is_array() && !then.schema.is_array()) return compare(now, then);
    const auto places = items_of(now.schema);
    const auto before = items_of(then.schema);
    if (places.size() != before.size())
        return note(now.schema.exists() ? now : then, "items by place changed", Breaks::undecided);
    for (std::size_t at = 0; at < places.size(); ++at)
        compare(now.within(places[at], std::to_string(at)), then.within(before[at], std::to_string(at)));
    compare(newer.part("additionalItems"), older.part("additionalItems"));
}

void Comparison::compare_all_of(const Side& newer, const Side& older) {
    const auto now = newer.part("allOf");
    const auto then = older.part("allOf");
    const auto parts = items_of(now.schema);
    const auto before = items_of(then.schema);
    if (parts.size() != before.size())
        return note(now.schema.exists() ? now : then, "allOf has other parts", Breaks::undecided);
    for (std::size_t at = 0; at < parts.size(); ++at)
        compare(now.within(parts[at], std::to_string(at)), then.within(before[at], std::to_string(at)));
}

void Comparison::compare_any_of(const Side& newer, const Side& older) {
    const auto now = newer.part("anyOf");
    const auto then = older.part("anyOf");
    if (is_same(now.schema, then.schema)) return;
    if (!now.schema.exists() || !then.schema.exists())
        return note_change(now, then, now.schema.exists(), then.schema.exists(), "anyOf");
    const auto choices = values_of(now.schema);
    const auto before = values_of(then.schema);
    const bool has_lost = !minus(before, choices).empty();
    const bool has_more = !minus(choices, before).empty();
    if (has_lost == has_more) return note(now, "anyOf changed: not compared", Breaks::undecided);
    note_change(now, then, has_lost, has_more, "anyOf");
}

void Comparison::compare_opaque(const Side& newer, const Side& older) {
    for (const auto* keyword :
         {"oneOf", "not", "if", "then", "else", "contains", "dependencies", "patternProperties"}) {
        const auto now = newer.part(keyword);
        const auto then = older.part(keyword);
        if (is_same(now.schema, then.schema)) continue;
        const auto& where = now.schema.exists() ? now : then;
        note(where, std::string(keyword) + " changed: not compared", Breaks::undecided);
    }
}

Compatibility result_of(const CompatibilityReport& report, bool is_undecided) {
    if (report.backward && report.forward) return Compatibility::full;
    if (report.backward) return Compatibility::backward;
    if (report.forward) return Compatibility::forward;
    return is_undecided ? Compatibility::unknown : Compatibility::none;
}

void conclude(CompatibilityReport& report) {
    const auto any = [&](bool SchemaDifference::* flag) {
        return std::ranges::any_of(report.differences, flag);
    };
    const bool is_undecided = any(&SchemaDifference::is_undecided);
    const bool breaks_backward = any(&SchemaDifference::breaks_backward);
    const bool breaks_forward = any(&SchemaDifference::breaks_forward);
    report.backward = !breaks_backward && !is_undecided;
    report.forward = !breaks_forward && !is_undecided;
    report.result = result_of(report, is_undecided && !(breaks_backward && breaks_forward));
}

}  // namespace

CompatibilityReport compare_versions(const SpecVersion& newer, const SpecVersion& older) {
    CompatibilityReport report;
    report.version = newer.version;
    report.with = older.version;
    const auto is_json = [](const SpecVersion& one) { return one.schema_type == SchemaType::json_schema; };
    if (is_json(newer) && is_json(older)) {
        const auto now = codec::JsonDocument::parse(*newer.schema);
        const auto then = codec::JsonDocument::parse(*older.schema);
        const auto root = now.value().root();
        const auto before = then.value().root();
        Comparison comparison(report);
        comparison.same_definitions = canonical_text(root) == canonical_text(before);
        comparison.compare({root, root, ""}, {before, before, ""});
    } else if (newer.schema_type != older.schema_type || newer.schema != older.schema) {
        report.differences.push_back({"", "only JSON Schemas are compared", false, false, true});
    }
    conclude(report);
    return report;
}

}  // namespace fc::messaging
