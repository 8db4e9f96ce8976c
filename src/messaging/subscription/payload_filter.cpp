#include "messaging/subscription/payload_filter.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace fc::messaging {
namespace {

using codec::JsonValue;
using codec::Place;

constexpr std::size_t shown_bytes_max = 80;
constexpr std::size_t reason_bytes_max = 500;

/// At most `bytes`, not ending inside a character.
std::string shortened(std::string text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U) --bytes;
    text.resize(bytes);
    return text + "...";
}

/// "is 5", "is not there".
std::string shown(const FilterField::Found& found) {
    if (found.kind == codec::JsonKind::absent) return "is not there";
    const auto text = shortened(found.text, shown_bytes_max);
    return "is " + (found.kind == codec::JsonKind::string ? codec::to_json(text) : text);
}

}  // namespace

/// All or any of its children, none of them, or a condition.
class PayloadFilter::Node {
public:
    enum class Kind { all, any, none, condition };
    Kind kind = Kind::all;
    std::vector<Node> children;
    FilterCondition condition;
    std::string text;  ///< how reasons call it

    bool holds(const FilteredEvent& event) const {
        const auto child_holds = [&](const Node& child) { return child.holds(event); };
        switch (kind) {
            case Kind::all: return std::ranges::all_of(children, child_holds);
            case Kind::any: return std::ranges::any_of(children, child_holds);
            case Kind::none: return std::ranges::none_of(children, child_holds);
            case Kind::condition: break;
        }
        return condition.holds(event);
    }

    /// Of a node that does not hold.
    std::string reason(const FilteredEvent& event) const {
        if (kind == Kind::condition) return text + ": it " + shown(condition.field.find(event));
        if (kind == Kind::none) return "excluded by not " + text;
        std::string reasons;
        for (const auto& child : children) {
            if (child.holds(event)) continue;
            if (kind == Kind::all) return child.reason(event);
            reasons += (reasons.empty() ? "" : "; ") + child.reason(event);
        }
        return "none of: " + reasons;
    }
};

/// Builds the tree, reporting every fault by its place.
class PayloadFilter::Reader {
public:
    /// What an object of conditions says.
    Node read_all(JsonValue in, const Place& at, unsigned depth) {
        Node all;
        if (depth > depth_max) {
            at.fail("is nested deeper than 8 levels");
            return all;
        }
        if (!in.is_object()) {
            at.fail("must be an object");
            return all;
        }
        std::string scratch;
        for (auto key = in.first(); key.exists() && !at.is_full(); key = in.after(key.value_of_key())) {
            const std::string name(key.text(scratch));
            const Place here(at, name);
            const auto value = key.value_of_key();
            const auto word = without_dollar(name);
            if (word == "and" || word == "or")
                all.children.push_back(read_list(value, word == "and", here, depth));
            else if (word == "not")
                all.children.push_back(negation(read_all(value, here, depth + 1), std::string(value.raw())));
            else
                all.children.push_back(read_field(name, value, here));
        }
        return all;
    }

private:
    static std::string_view without_dollar(std::string_view name) {
        return name.starts_with('$') ? name.substr(1) : name;
    }
    static Node negation(Node inner, std::string text) {
        Node none;
        none.kind = Node::Kind::none;
        none.children.push_back(std::move(inner));
        none.text = shortened(std::move(text), shown_bytes_max);
        return none;
    }

    Node read_list(JsonValue in, bool is_and, const Place& at, unsigned depth) {
        Node list;
        list.kind = is_and ? Node::Kind::all : Node::Kind::any;
        if (!in.is_array()) {
            at.fail("must be an array");
            return list;
        }
        for (auto item = in.first(); item.exists() && !at.is_full(); item = in.after(item))
            list.children.push_back(read_all(item, Place(at, list.children.size()), depth + 1));
        if (list.children.empty()) at.fail("must not be empty");
        return list;
    }

    Node read_field(const std::string& name, JsonValue in, const Place& at) {
        auto field = FilterField::parse(name);
        if (!field) {
            at.fail(field.error().detail);
            return {};
        }
        return read_conditions(name, *field, in, at);
    }

    /// A value, or an object of operators that must all hold.
    Node read_conditions(const std::string& name, const FilterField& field, JsonValue in, const Place& at) {
        if (!in.is_object()) return condition(name, field, FilterOperator::eq, in, at);
        Node all;
        std::string scratch;
        for (auto key = in.first(); key.exists() && !at.is_full(); key = in.after(key.value_of_key())) {
            const std::string given(key.text(scratch));
            const Place here(at, given);
            const auto value = key.value_of_key();
            const auto word = without_dollar(given);
            using Names = codec::Enumerators<FilterOperator>;
            const auto index = codec::find_enumerator(Names::names, word);
            if (word == "not" && value.is_object())
                all.children.push_back(negation(
                    read_conditions(name, field, value, here), name + " " + std::string(value.raw())));
            else if (index < Names::count)
                all.children.push_back(condition(name, field, Names::values.at(index), value, here));
            else
                here.fail(
                    "is no operator: eq, ne, in, exists, prefix, suffix, contains, lt, lte, gt, gte or not; "
                    "a "
                    "member inside is written with a dot, as in data.order.amount");
        }
        if (all.children.empty() && !in.first().exists()) at.fail("must name an operator");
        return all;
    }

    Node condition(
        const std::string& name,
        const FilterField& field,
        FilterOperator comparison,
        JsonValue in,
        const Place& at) {
        Node node;
        if (++conditions_ > conditions_max) {
            if (conditions_ == conditions_max + 1) at.fail("is one condition more than the 100 of a filter");
            return node;
        }
        node.kind = Node::Kind::condition;
        node.condition.field = field;
        node.condition.comparison = comparison;
        node.condition.read_operands(in, at);
        std::string word(codec::Traits<FilterOperator>::name(comparison));
        std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c | 0x20); });
        node.text = name + " " + word + " " + shortened(std::string(in.raw()), shown_bytes_max);
        return node;
    }

    std::size_t conditions_ = 0;
};

bool PayloadFilter::matches(const FilteredEvent& event) const {
    return !root_ || root_->holds(event);
}

std::optional<std::string> PayloadFilter::mismatch(const FilteredEvent& event) const {
    if (matches(event)) return std::nullopt;
    return shortened(root_->reason(event), reason_bytes_max);
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::PayloadFilter;

void Traits<PayloadFilter>::read(JsonValue in, PayloadFilter& out, const Place& at) {
    out = {};
    if (in.is_null()) return;
    if (in.raw().size() > PayloadFilter::text_bytes_max) return at.fail("must be at most 16384 bytes");
    const auto faults = at.count();
    auto root = PayloadFilter::Reader().read_all(in, at, 1);
    if (at.count() > faults || root.children.empty()) return;
    out.text_ = in.raw();
    out.root_ = std::make_shared<const PayloadFilter::Node>(std::move(root));
}

void Traits<PayloadFilter>::write(JsonWriter& out, const PayloadFilter& filter) {
    out.raw(filter.text().empty() ? "null" : filter.text());
}

}  // namespace fc::codec
