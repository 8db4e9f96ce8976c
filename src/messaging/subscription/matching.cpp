#include "messaging/subscription/matching.h"

namespace fc::messaging {

Match matches_beyond_type(
    const Subscription& subscription, const EventTypeBinding& binding, const FilteredEvent& event) {
    const auto& version = event.event().spec_version;
    if (binding.spec_version && *binding.spec_version != version) return Match::other_version;
    return subscription.filter.matches(event) ? Match::yes : Match::filtered_out;
}

Match matches(const Subscription& subscription, const FilteredEvent& filtered) {
    const auto& event = filtered.event();
    if (subscription.client_id && subscription.client_id != event.client_id) return Match::other_client;
    auto nearest = Match::other_type;
    for (const auto& binding : subscription.event_types) {
        if (!binding.event_type_code.matches(event.type)) continue;
        nearest = matches_beyond_type(subscription, binding, filtered);
        if (nearest != Match::other_version) break;
    }
    return nearest;
}

}  // namespace fc::messaging
