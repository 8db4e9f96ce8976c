// The first line is an event type, the others are patterns: the index finds those that match, and no others.
#include "messaging/event_type/pattern.h"

#include "target.h"

#include <ranges>

namespace fc::fuzz {

using messaging::EventTypeCode;
using messaging::EventTypePattern;

void run(std::string_view input) {
    const auto type_end = std::min(input.find('\n'), input.size());
    const auto type = EventTypeCode::parse(input.substr(0, type_end));
    const auto same = EventTypePattern::parse(input.substr(0, type_end));
    FC_ASSERT(type.has_value() == (same && same->is_exact()), "codes are the patterns without a star");
    FC_ASSERT(!type || same->matches(type->text()), "a code matches itself");

    std::vector<EventTypePattern> patterns;
    messaging::PatternIndex<std::size_t> index;
    for (const auto line : input.substr(type_end) | std::views::split('\n')) {
        const auto pattern = EventTypePattern::parse({line.begin(), line.end()});
        if (!pattern) continue;
        index.add(*pattern, patterns.size());
        patterns.push_back(*pattern);
    }
    if (type) {
        std::vector<int> found(patterns.size());
        index.for_each_match(type->text(), [&](std::size_t at) { ++found[at]; });
        for (std::size_t at = 0; at < patterns.size(); ++at)
            FC_ASSERT(
                found[at] == (patterns[at].matches(type->text()) ? 1 : 0), "the index finds what matches");
    }
    for (std::size_t at = 0; at < patterns.size(); ++at)
        FC_ASSERT(index.remove(patterns[at], at), "what was added can be removed");
    FC_ASSERT(index.size() == 0, "nothing is left");
}

}  // namespace fc::fuzz
