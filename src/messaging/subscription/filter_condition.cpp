#include "messaging/subscription/filter_condition.h"

#include "base/time.h"
#include "codec/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace fc::messaging {
namespace {

using codec::JsonKind;
using codec::JsonValue;
using store::EventRecord;
using Found = FilterField::Found;

constexpr std::array<std::pair<std::string_view, std::string EventRecord::*>, 8> text_fields{{
    {"type", &EventRecord::type},
    {"source", &EventRecord::source},
    {"subject", &EventRecord::subject},
    {"specVersion", &EventRecord::spec_version},
    {"correlationId", &EventRecord::correlation_id},
    {"causationId", &EventRecord::causation_id},
    {"deduplicationId", &EventRecord::deduplication_id},
    {"messageGroup", &EventRecord::message_group},
}};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_field(std::string_view name) {
    if (is_one_of(name, {"id", "time", "clientId", "data", "contextData"})) return true;
    return std::ranges::any_of(text_fields, [&](const auto& field) { return field.first == name; });
}

/// One segment of a JSON pointer (RFC 6901).
std::string unescaped(std::string_view segment) {
    std::string text;
    for (std::size_t at = 0; at < segment.size(); ++at) {
        const auto two = segment.substr(at, 2);
        if (two != "~0" && two != "~1") {
            text += segment[at];
            continue;
        }
        text += two == "~0" ? '~' : '/';
        ++at;
    }
    return text;
}

Found text_found(std::string text) {
    return text.empty() ? Found{} : Found{JsonKind::string, std::move(text), {}};
}

Found value_found(JsonValue value) {
    if (!value.exists()) return {};
    std::string scratch;
    std::string text(value.is_string() ? value.text(scratch) : value.raw());
    return {value.kind(), std::move(text), value};
}

JsonValue element(JsonValue array, std::string_view index) {
    std::size_t wanted = 0;
    const auto read = std::from_chars(index.data(), index.data() + index.size(), wanted);
    if (read.ec != std::errc{} || read.ptr != index.data() + index.size()) return {};
    auto item = array.first();
    for (; item.exists() && wanted > 0; --wanted) item = array.after(item);
    return item;
}

/// The value of `key` in an event's contextData: `[{"key":...,"value":...}]`.
JsonValue context_value(JsonValue entries, std::string_view key) {
    if (!entries.is_array()) return {};
    std::string scratch;
    for (auto entry = entries.first(); entry.exists(); entry = entries.after(entry)) {
        const auto name = entry.find("key");
        if (name.is_string() && name.text(scratch) == key) return entry.find("value");
    }
    return {};
}

bool is_equal(const Found& found, const FilterLiteral& literal) {
    if (found.kind != literal.kind) return false;
    if (found.kind == JsonKind::number) return codec::Decimal(found.text) == literal.number;
    return found.text == literal.text;
}

bool is_ordered(const Found& found, FilterOperator comparison, const FilterLiteral& literal) {
    if (found.kind != literal.kind) return false;
    const auto order = found.kind == JsonKind::number ? codec::Decimal(found.text) <=> literal.number
                                                      : found.text <=> literal.text;
    switch (comparison) {
        case FilterOperator::lt: return order < 0;
        case FilterOperator::lte: return order <= 0;
        case FilterOperator::gt: return order > 0;
        default: return order >= 0;
    }
}

bool contains(const Found& found, const FilterLiteral& literal) {
    if (found.kind == JsonKind::string)
        return literal.kind == JsonKind::string && found.text.find(literal.text) != std::string::npos;
    if (found.kind != JsonKind::array) return false;
    for (auto item = found.value.first(); item.exists(); item = found.value.after(item)) {
        if (is_equal(value_found(item), literal)) return true;
    }
    return false;
}

}  // namespace

JsonValue FilteredEvent::root_of(std::string_view text, Document& document) {
    if (!document) document.emplace(codec::JsonDocument::parse(text));
    return *document ? (*document)->root() : JsonValue{};
}

Result<FilterField> FilterField::parse(std::string_view text) {
    const bool is_pointer = text.starts_with('/');
    const char separator = is_pointer ? '/' : '.';
    auto rest = is_pointer ? text.substr(1) : text;
    FilterField field;
    while (true) {
        const auto end = rest.find(separator);
        const auto segment = rest.substr(0, end);
        field.path_.push_back(is_pointer ? unescaped(segment) : std::string(segment));
        if (!is_pointer && segment.empty()) return invalid("INVALID_FIELD", "has an empty part");
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    const auto& name = field.path_[0];
    const bool has_inside = name == "data" || name == "contextData";
    if (!is_field(name))
        return invalid(
            "INVALID_FIELD",
            "is no field of an event: data, data.<path>, contextData.<key>, id, type, source, subject, time, "
            "specVersion, correlationId, causationId, deduplicationId, messageGroup or clientId");
    if (!has_inside && field.path_.size() > 1) return invalid("INVALID_FIELD", name + " has nothing inside");
    if (name == "contextData" && field.path_.size() != 2)
        return invalid("INVALID_FIELD", "must be contextData.<key>");
    if (field.path_.size() > segments_max) return invalid("INVALID_FIELD", "has more than 32 parts");
    return field;
}

Found FilterField::find(const FilteredEvent& filtered) const {
    const auto& name = path_[0];
    const auto& event = filtered.event();
    if (name == "data") {
        auto value = filtered.data();
        if (!value.exists() && path_.size() == 1 && event.data_kind == store::DataKind::text)
            return text_found(event.data);
        for (std::size_t at = 1; at < path_.size() && value.exists(); ++at)
            value = value.is_array() ? element(value, path_[at]) : value.find(path_[at]);
        return value_found(value);
    }
    if (name == "contextData") return value_found(context_value(filtered.context(), path_[1]));
    if (name == "id") return text_found(event.id.to_string());
    if (name == "time") return text_found(to_rfc3339(event.time));
    if (name == "clientId") return text_found(event.client_id ? event.client_id.to_string() : "");
    const auto* const field = std::ranges::find(text_fields, name, [](const auto& one) { return one.first; });
    return text_found(event.*field->second);
}

bool FilterCondition::holds(const FilteredEvent& event) const {
    const auto found = field.find(event);
    const auto& operand = operands[0];
    switch (comparison) {
        case FilterOperator::eq: return is_equal(found, operand);
        case FilterOperator::ne: return !is_equal(found, operand);
        case FilterOperator::in:
            return std::ranges::any_of(operands, [&](const auto& one) { return is_equal(found, one); });
        case FilterOperator::exists: return (found.kind != JsonKind::absent) == (operand.text == "true");
        case FilterOperator::prefix:
            return found.kind == JsonKind::string && found.text.starts_with(operand.text);
        case FilterOperator::suffix:
            return found.kind == JsonKind::string && found.text.ends_with(operand.text);
        case FilterOperator::contains: return contains(found, operand);
        default: return is_ordered(found, comparison, operand);
    }
}

namespace {

FilterLiteral read_literal(JsonValue in, bool is_time, const codec::Place& at) {
    FilterLiteral literal;
    if (in.is_array() || in.is_object()) {
        at.fail("must be a string, a number, true, false or null");
        return literal;
    }
    auto found = value_found(in);
    literal.kind = found.kind;
    literal.text = std::move(found.text);
    if (literal.kind == JsonKind::number) literal.number = codec::Decimal(literal.text);
    if (!is_time) return literal;
    const auto time = literal.kind == JsonKind::string ? from_rfc3339(literal.text) : std::nullopt;
    if (time)
        literal.text = to_rfc3339(*time);
    else
        at.fail("must be a date and time as in 2026-01-31T10:20:30Z");
    return literal;
}

/// What is wrong with a value for the operator.
codec::Fault fault_of(FilterOperator comparison, JsonKind kind) {
    using enum FilterOperator;
    const bool is_text = kind == JsonKind::string;
    if (comparison == exists && kind != JsonKind::boolean) return "must be true or false";
    if ((comparison == prefix || comparison == suffix) && !is_text) return "must be a string";
    const bool orders = comparison == lt || comparison == lte || comparison == gt || comparison == gte;
    if (orders && !is_text && kind != JsonKind::number) return "must be a number or a string";
    return std::nullopt;
}

}  // namespace

void FilterCondition::read_operands(JsonValue given, const codec::Place& at) {
    using enum FilterOperator;
    operands.clear();
    const bool compares_time = field.is_time() && comparison != prefix && comparison != suffix &&
                               comparison != contains && comparison != exists;
    const auto read = [&](JsonValue value, const codec::Place& here) {
        operands.push_back(read_literal(value, compares_time, here));
        if (auto fault = fault_of(comparison, operands.back().kind)) here.fail(std::move(*fault));
    };
    if (comparison != in) return read(given, at);
    if (!given.is_array()) return at.fail("must be an array");
    std::size_t index = 0;
    for (auto item = given.first(); item.exists() && index < operands_max; item = given.after(item)) {
        read(item, codec::Place(at, index++));
        if (index == operands_max && given.after(item).exists()) at.fail("must be at most 100");
    }
    if (operands.empty()) at.fail("must not be empty");
}

}  // namespace fc::messaging
