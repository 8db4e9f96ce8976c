#pragma once

#include "codec/json.h"
#include "messaging/subscription/filter_condition.h"

#include <memory>
#include <optional>
#include <string>

namespace fc::messaging {

/// Which of the events of its types a subscription wants, by what they carry:
/// `{"data.amount": {"gte": 100}, "type": {"prefix": "order."}, "or": [{...}, {...}], "not": {...}}`.
/// All members must hold. A value stands for `eq`; operators may be written with "$". What operators mean:
/// FilterCondition. Immutable; copies share.
class PayloadFilter {
public:
    static constexpr std::size_t text_bytes_max = 16'384;
    static constexpr std::size_t conditions_max = 100;
    static constexpr unsigned depth_max = 8;

    /// Every event fits.
    bool empty() const { return !root_; }
    bool matches(const FilteredEvent& event) const;
    /// Why the event does not fit, naming the condition and what was found; nullopt when it does.
    std::optional<std::string> mismatch(const FilteredEvent& event) const;
    /// As it was given; "" when empty.
    const std::string& text() const { return text_; }

private:
    friend struct codec::Traits<PayloadFilter>;
    class Node;
    class Reader;

    std::string text_;
    std::shared_ptr<const Node> root_;
};

}  // namespace fc::messaging

namespace fc::codec {

template <>
struct Traits<messaging::PayloadFilter> {
    static constexpr bool accepts_null = true;
    static constexpr std::string_view schema = R"({"type":["object","null"]})";

    static void read(JsonValue in, messaging::PayloadFilter& out, const Place& at);
    static void write(JsonWriter& out, const messaging::PayloadFilter& filter);
    static bool is_absent(const messaging::PayloadFilter& filter) { return filter.empty(); }
};

}  // namespace fc::codec
