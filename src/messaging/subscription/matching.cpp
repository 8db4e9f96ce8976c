#include "messaging/subscription/matching.h"

namespace fc::messaging {

Match matches_beyond_type(
    const Subscription&, const EventTypeBinding& binding, const store::EventRecord& event) {
    const bool fits = !binding.spec_version || *binding.spec_version == event.spec_version;
    return fits ? Match::yes : Match::other_version;
}

Match matches(const Subscription& subscription, const store::EventRecord& event) {
    if (subscription.client_id && subscription.client_id != event.client_id) return Match::other_client;
    auto nearest = Match::other_type;
    for (const auto& binding : subscription.event_types) {
        if (!binding.event_type_code.matches(event.type)) continue;
        nearest = matches_beyond_type(subscription, binding, event);
        if (nearest == Match::yes) break;
    }
    return nearest;
}

}  // namespace fc::messaging
