// The first line is a payload filter, the rest an event's data.
#include "messaging/subscription/payload_filter.h"
#include "round_trip.h"
#include "target.h"

namespace fc::fuzz {

using messaging::FilteredEvent;
using messaging::PayloadFilter;

namespace {

store::EventRecord event_with(std::string data) {
    store::EventRecord event;
    event.id = Tsid{7};
    event.type = "order.created";
    event.source = "shop";
    event.context_data.text = R"([{"key":"region","value":"eu"}])";
    event.data = std::move(data);
    return event;
}

bool verdict(const PayloadFilter& filter, std::string data) {
    const auto event = event_with(std::move(data));
    const FilteredEvent filtered(event);
    const bool matches = filter.matches(filtered);
    FC_ASSERT(filter.mismatch(filtered).has_value() == !matches, "what does not match has a reason");
    return matches;
}

}  // namespace

void run(std::string_view input) {
    const auto line_end = std::min(input.find('\n'), input.size());
    const auto given = codec::JsonDocument::parse(input.substr(0, line_end));
    if (!given) return;
    const auto filter = codec::from_json_value<PayloadFilter>(given->root());
    const auto reordered = codec::from_json<PayloadFilter>(rewritten<true>(given->root()));
    const auto ordered = codec::from_json<PayloadFilter>(rewritten(given->root()));
    FC_ASSERT(
        ordered.has_value() == reordered.has_value(), "acceptance does not depend on the order of members");
    if (!filter) return;
    check_round_trip(*filter);
    const std::string data(input.substr(line_end));
    const bool matches = verdict(*filter, data);
    const auto document = codec::JsonDocument::parse(data);
    if (!document) return;
    FC_ASSERT(verdict(*filter, rewritten<true>(document->root())) == matches, "nor on the order in the data");
    if (!ordered) return;
    FC_ASSERT(
        verdict(*ordered, data) == verdict(*reordered, data),
        "a verdict does not depend on the order of members");
}

}  // namespace fc::fuzz
