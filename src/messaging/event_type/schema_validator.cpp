#include "messaging/event_type/schema_validator.h"

#include "base/time.h"
#include "codec/place.h"
#include "messaging/event_type/schema_check.h"
#include "messaging/event_type/schema_document.h"

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_visitor.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <exception>
#include <tuple>

namespace fc::messaging {
namespace {

using Data = valijson::adapters::BoostJsonAdapter;
using PropertyName = valijson::adapters::StdStringAdapter;
using Expressions = std::unordered_map<std::string, std::regex>;

constexpr std::size_t depth_max = 300;  ///< of schemas within schemas, along the data
constexpr std::size_t errors_kept_max = 200;

struct OutOfSteps {};
struct EnoughErrors {};

/// One check. The visitor carries it everywhere as the place where it would keep std::regex, which backtracks
/// and recurses with the length of the text; its member functions that did so are specialised below.
struct Run : Expressions {
    const SchemaFacts* facts = nullptr;
    std::uint64_t steps_left = 0;
    std::uint64_t steps_a_schema = 1;
    std::size_t depth = 0;

    void charge(std::uint64_t steps) {
        if (steps > steps_left) throw OutOfSteps();
        steps_left -= steps;
    }
    bool has_pattern(std::string_view text, const std::string& pattern) {
        const auto& expression = facts->patterns.at(pattern);
        charge(expression.steps(text));
        return expression.is_in(text);
    }
};

Run& run_of(Expressions& expressions) {
    return static_cast<Run&>(expressions);
}

/// Counts what a schema costs and how deep it is in others.
class Step {
public:
    Step(Run& run, const std::vector<std::string>& context, const valijson::ValidationResults* results)
        : run_(run) {
        std::size_t copied = 0;
        for (const auto& part : context) copied += 32 + part.size();
        run.charge(run.steps_a_schema + copied / 256);
        if (run.depth == depth_max) throw OutOfSteps();
        if (results && results->numErrors() >= errors_kept_max) throw EnoughErrors();
        ++run.depth;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { --run_.depth; }

private:
    Run& run_;
};

bool has_format(const std::string& format, const std::string& text) {
    constexpr std::size_t bytes_max = 64;
    if (format == "date-time") return text.size() <= bytes_max && from_rfc3339(text).has_value();
    if (format == "date") return text.size() == 10 && from_rfc3339(text + "T00:00:00Z").has_value();
    if (format == "time") return text.size() <= bytes_max && from_rfc3339("1970-01-01T" + text).has_value();
    return true;
}

/// 1.0 is an integer too.
bool has_type(const Data& value, valijson::constraints::TypeConstraint::JsonType type) {
    using Type = valijson::constraints::TypeConstraint;
    switch (type) {
        case Type::kAny: return true;
        case Type::kArray: return value.isArray();
        case Type::kBoolean: return value.isBool();
        case Type::kInteger:
            return value.isInteger() ||
                   (value.isNumber() && value.getNumber() == std::floor(value.getNumber()));
        case Type::kNull: return value.isNull();
        case Type::kNumber: return value.isNumber();
        case Type::kObject: return value.isObject();
        case Type::kString: return value.isString();
    }
    return false;
}

/// The same text for values that JSON Schema takes as equal.
void write_canonical(std::string& out, const Data& value, Run& run) {
    run.charge(1);
    if (value.isArray()) {
        out += '[';
        for (const auto& item : value.getArray()) write_canonical(out, item, run);
        out += ']';
    } else if (value.isObject()) {
        std::vector<std::pair<std::string, std::string>> members;
        for (const auto& member : value.getObject()) {
            members.emplace_back(member.first, "");
            write_canonical(members.back().second, member.second, run);
        }
        std::ranges::sort(members);
        out += '{';
        for (const auto& [name, text] : members) out += std::to_string(name.size()) + ':' + name + text;
        out += '}';
    } else if (value.isString()) {
        const auto text = value.getString();
        out += '"' + std::to_string(text.size()) + ':' + text;
    } else if (value.isNumber()) {
        const double number = value.getNumber();
        const bool is_whole = value.isInteger() || number == std::floor(number);
        const bool is_exact = std::abs(number) < 9e15;
        out += '#';
        if (value.isInteger())
            out += std::to_string(value.getInteger());
        else
            out += is_whole && is_exact ? std::to_string(static_cast<std::int64_t>(number))
                                        : std::to_string(std::bit_cast<std::uint64_t>(number)) + 'd';
    } else {
        out += value.isNull() ? "n" : value.getBool() ? "t" : "f";
    }
}

bool is_unique(const Data& array, Run& run) {
    std::vector<std::string> items;
    for (const auto& item : array.getArray()) write_canonical(items.emplace_back(), item, run);
    std::ranges::sort(items);
    return std::ranges::adjacent_find(items) == items.end();
}

}  // namespace
}  // namespace fc::messaging

// What takes time or stack without a bound, done otherwise. A bound is told by an exception.
namespace valijson {

using fc::messaging::Data;
using fc::messaging::PropertyName;

template <>
bool ValidationVisitor<Data>::validateSchema(const Subschema& subschema) {
    const fc::messaging::Step step(fc::messaging::run_of(m_regexesCache), m_context, m_results);
    if (subschema.getAlwaysInvalid()) {
        if (m_results) m_results->pushError(m_context, "No value is allowed here.");
        return false;
    }
    Subschema::ApplyFunction visit_one = [this](const constraints::Constraint& one) {
        return one.accept(*this);
    };
    return m_results ? subschema.apply(visit_one) : subschema.applyStrict(visit_one);
}

template <>
bool ValidationVisitor<PropertyName>::validateSchema(const Subschema& subschema) {
    const fc::messaging::Step step(fc::messaging::run_of(m_regexesCache), m_context, m_results);
    Subschema::ApplyFunction visit_one = [this](const constraints::Constraint& one) {
        return one.accept(*this);
    };
    return !subschema.getAlwaysInvalid() && subschema.applyStrict(visit_one);
}

template <>
bool ValidationVisitor<Data>::ValidateNamedTypes::operator()(
    constraints::TypeConstraint::JsonType type) const {
    const bool fits = fc::messaging::has_type(m_target, type);
    if (fits && m_validated) *m_validated = true;
    return fits ? m_continueOnSuccess || m_continueOnFailure : m_continueOnFailure;
}

template <>
bool ValidationVisitor<Data>::visit(const constraints::PatternConstraint& constraint) {
    if (!m_target.isString()) return true;
    const std::string pattern(constraint.getPattern<std::string::allocator_type>());
    const bool fits = fc::messaging::run_of(m_regexesCache).has_pattern(m_target.getString(), pattern);
    if (!fits && m_results) m_results->pushError(m_context, "Must match the pattern \"" + pattern + "\".");
    return fits;
}

template <>
bool ValidationVisitor<PropertyName>::visit(const constraints::PatternConstraint& constraint) {
    const std::string pattern(constraint.getPattern<std::string::allocator_type>());
    return fc::messaging::run_of(m_regexesCache).has_pattern(m_target.asString(), pattern);
}

template <>
bool ValidationVisitor<Data>::visit(const constraints::FormatConstraint& constraint) {
    if (!m_target.isString()) return true;
    const bool fits = fc::messaging::has_format(constraint.getFormat(), m_target.getString());
    if (!fits && m_results) m_results->pushError(m_context, "Must be a " + constraint.getFormat() + '.');
    return fits;
}

template <>
bool ValidationVisitor<PropertyName>::visit(const constraints::FormatConstraint& constraint) {
    return fc::messaging::has_format(constraint.getFormat(), m_target.asString());
}

template <>
bool ValidationVisitor<Data>::visit(const constraints::UniqueItemsConstraint&) {
    if (!m_target.isArray()) return true;
    const bool fits = fc::messaging::is_unique(m_target, fc::messaging::run_of(m_regexesCache));
    if (!fits && m_results) m_results->pushError(m_context, "Must not have an element twice.");
    return fits;
}

template <>
struct ValidationVisitor<Data>::ValidatePatternPropertySubschemas {
    template <class... Given>
    explicit ValidatePatternPropertySubschemas(Given&&... given) : given_(std::forward<Given>(given)...) {}

    template <class StringType>
    bool operator()(const StringType& name, const Subschema* subschema) const {
        const auto& [object, context, b1, b2, b3, strict, results, matched, validated, run] = given_;
        const std::string pattern(name.c_str(), name.size());
        for (const auto& member : object) {
            if (!fc::messaging::run_of(run).has_pattern(member.first, pattern)) continue;
            matched->insert(member.first);
            auto within = context;
            within.push_back('[' + member.first + ']');
            ValidationVisitor visitor(member.second, within, strict, results, run);
            if (!visitor.validateSchema(*subschema)) *validated = false;
        }
        return true;
    }

private:
    /// What the visitor makes it with.
    std::tuple<
        const Data::Object&,
        const std::vector<std::string>&,
        bool,
        bool,
        bool,
        bool,
        ValidationResults*,
        std::set<std::string>*,
        bool*,
        fc::messaging::Expressions&>
        given_;
};

}  // namespace valijson

namespace fc::messaging {

struct SchemaValidator::Compiled {
    SchemaFacts facts;
    valijson::Schema schema;
};

namespace {

/// The library knows no unsigned numbers.
void without_unsigned(boost::json::value& value) {
    if (value.is_uint64()) value = static_cast<double>(value.get_uint64());
    if (auto* array = value.if_array()) std::ranges::for_each(*array, without_unsigned);
    if (auto* object = value.if_object()) {
        for (auto& member : *object) without_unsigned(member.value());
    }
}

boost::json::value parsed(std::string_view json, boost::system::error_code& error) {
    boost::json::parse_options options;
    options.max_depth = 128;
    boost::json::storage_ptr memory = boost::json::make_shared_resource<boost::json::monotonic_resource>();
    auto value =
        boost::json::parse(boost::json::string_view(json.data(), json.size()), error, memory, options);
    without_unsigned(value);
    return value;
}

/// nullopt, or why the library refuses the schema.
std::optional<std::string> populate(boost::json::value document, bool is_draft_4, valijson::Schema& schema) {
    if (auto* object = document.if_object()) {
        // They would make every reference one to another document.
        object->erase("$id");
        object->erase("id");
    }
    try {
        using Parser = valijson::SchemaParser;
        Parser parser(is_draft_4 ? Parser::kDraft4 : Parser::kDraft7);
        parser.populateSchema(Data(document), schema);
    } catch (const std::exception& error) {
        return error.what();
    }
    return std::nullopt;
}

/// "<root>", "[lines]", "[0]" as "/lines/0".
std::string pointer_of(const std::vector<std::string>& context) {
    std::string pointer;
    for (std::size_t at = 1; at < context.size(); ++at) {
        const std::string_view part = context[at];
        pointer = pointer_to(pointer, part.substr(1, part.size() - 2));
    }
    return pointer;
}

/// Whether it only says of a value that something within it is wrong.
bool is_echo(const std::string& description) {
    constexpr std::string_view echoes[] = {
        "Failed to validate against schema associated with ",
        "Failed to validate item #",
        "Failed to validate against additional properties schema",
        "Failed to validate against child schema #",
        "Failed to validate against dependent schema."};
    return std::ranges::any_of(echoes, [&](std::string_view echo) { return description.starts_with(echo); });
}

std::vector<FieldError> told(const valijson::ValidationResults& results) {
    std::vector<FieldError> faults;
    for (const auto& error : results) {
        if (is_echo(error.description)) continue;
        if (faults.size() == faults_told_max) break;
        faults.push_back({pointer_of(error.context), error.description});
    }
    if (faults.empty()) faults.push_back({"", "is not what the schema allows"});
    return faults;
}

}  // namespace

SchemaValidator::SchemaValidator(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
SchemaValidator::~SchemaValidator() = default;

Result<std::shared_ptr<const SchemaValidator>> SchemaValidator::compile(const std::string& text) {
    auto compiled = std::make_unique<Compiled>();
    auto facts = check_schema(text);
    if (!facts) return facts.error();
    compiled->facts = std::move(*facts);
    boost::system::error_code error;
    auto document = parsed(text, error);
    if (error) return codec::validation_failed({{"", "cannot be read: " + error.message()}});
    if (const auto refused = populate(std::move(document), compiled->facts.is_draft_4, compiled->schema))
        return codec::validation_failed({{"", *refused}});
    return std::shared_ptr<const SchemaValidator>(new SchemaValidator(std::move(compiled)));
}

std::vector<FieldError> SchemaValidator::check(std::string_view json, std::uint64_t& steps_left) const {
    boost::system::error_code error;
    const auto document = parsed(json, error);
    if (error) return {{"", "must be JSON: " + error.message()}};
    constexpr std::size_t members_a_step = 16;
    Run run;
    run.facts = &compiled_->facts;
    run.steps_left = steps_left;
    run.steps_a_schema = 1 + compiled_->facts.widest / members_a_step;
    const auto is_allowed = [&](valijson::ValidationResults* results) {
        valijson::ValidationVisitor<Data> visitor(Data(document), {"<root>"}, true, results, run);
        return visitor.validateSchema(compiled_->schema);
    };
    valijson::ValidationResults results;
    try {
        const bool allowed = is_allowed(nullptr);
        steps_left = run.steps_left;
        if (allowed) return {};
        is_allowed(&results);  // again, slower, for what is wrong
        steps_left = run.steps_left;
    } catch (const EnoughErrors&) {
        steps_left = run.steps_left;
    } catch (const OutOfSteps&) {
        steps_left = 0;
        return {{"", "could not be checked: it takes more work than one request may cause"}};
    }
    return told(results);
}

}  // namespace fc::messaging
