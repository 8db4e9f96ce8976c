#pragma once

#include "codec/decimal.h"
#include "codec/json_document.h"
#include "codec/place.h"
#include "store/records.h"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::messaging {

/// An event as filters look at it: its JSON is read when the first condition asks for it, and once.
class FilteredEvent {
public:
    /// `event` outlives this and does not change.
    // NOLINTNEXTLINE(google-explicit-constructor): it is the event.
    FilteredEvent(const store::EventRecord& event) : event_(&event) {}
    FilteredEvent(const FilteredEvent&) = delete;
    FilteredEvent& operator=(const FilteredEvent&) = delete;

    const store::EventRecord& event() const { return *event_; }
    /// Absent when `data` is no JSON. A text that is JSON counts as what it says.
    codec::JsonValue data() const { return root_of(event_->data, data_); }
    codec::JsonValue context() const { return root_of(event_->context_data.text, context_); }

private:
    using Document = std::optional<Result<codec::JsonDocument>>;
    static codec::JsonValue root_of(std::string_view text, Document& document);

    const store::EventRecord* event_;
    mutable Document data_;
    mutable Document context_;
};

/// Where a condition looks: "data.order.amount", "/data/order/amount", "subject", "contextData.region".
class FilterField {
public:
    static constexpr std::size_t segments_max = 32;
    static Result<FilterField> parse(std::string_view text);

    /// What is there: nothing when absent, or when a text is empty.
    struct Found {
        codec::JsonKind kind = codec::JsonKind::absent;
        std::string text;        ///< a string's decoded text, else the value's own bytes
        codec::JsonValue value;  ///< of a value inside JSON
    };
    Found find(const FilteredEvent& event) const;
    bool is_time() const { return path_[0] == "time"; }

private:
    std::vector<std::string> path_;
};

/// A value that a condition compares with: a string, number, true, false or null.
struct FilterLiteral {
    codec::JsonKind kind = codec::JsonKind::null;
    std::string text;  ///< as in FilterField::Found
    codec::Decimal number;
};

enum class FilterOperator { eq, ne, in, exists, prefix, suffix, contains, lt, lte, gt, gte };
BOOST_DESCRIBE_ENUM(FilterOperator, eq, ne, in, exists, prefix, suffix, contains, lt, lte, gt, gte)

/// One comparison: `{"data.amount": {"gte": 100}}`. Values of different kinds are neither equal nor ordered;
/// what is absent fits `ne` and `exists: false` only. Strings are compared by their bytes.
struct FilterCondition {
    FilterField field;
    FilterOperator comparison = FilterOperator::eq;
    std::vector<FilterLiteral> operands;  ///< several only for `in`

    bool holds(const FilteredEvent& event) const;
    static constexpr std::size_t operands_max = 100;
    /// Reads what the operator is given; reports through the place.
    void read_operands(codec::JsonValue in, const codec::Place& at);
};

}  // namespace fc::messaging
