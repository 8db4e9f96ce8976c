#include "messaging/delivery/holds.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace fc::messaging {

void begin_hold(std::vector<Hold>& holds, TimePoint now) {
    if (!holds.empty() && !holds.back().to) return;
    holds.push_back({now, std::nullopt});
    if (holds.size() <= holds_max) return;
    holds[1].from = holds[0].from;
    holds.erase(holds.begin());
}

void end_hold(std::vector<Hold>& holds, TimePoint now) {
    if (!holds.empty() && !holds.back().to) holds.back().to = now;
}

Millis unheld_age(TimePoint ready_at, TimePoint now, std::span<const Hold> a, std::span<const Hold> b) {
    if (now <= ready_at) return Millis{0};
    std::vector<std::pair<TimePoint, TimePoint>> held;
    for (const auto holds : {a, b}) {
        for (const auto& hold : holds) {
            const auto from = std::max(hold.from, ready_at);
            const auto to = std::min(hold.to.value_or(now), now);
            if (from < to) held.emplace_back(from, to);
        }
    }
    std::ranges::sort(held);
    auto age = now - ready_at;
    auto counted_to = ready_at;
    for (const auto& [from, to] : held) {
        if (to <= counted_to) continue;
        age -= to - std::max(from, counted_to);
        counted_to = to;
    }
    return age;
}

}  // namespace fc::messaging
