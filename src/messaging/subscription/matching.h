#pragma once

#include "messaging/subscription/subscription.h"

#include <boost/describe/enum.hpp>

namespace fc::messaging {

/// What a subscription makes of an event: it matches, or the first reason why it does not.
enum class Match { yes, other_client, other_type, other_version, filtered_out };
BOOST_DESCRIBE_ENUM(Match, yes, other_client, other_type, other_version, filtered_out)

/// The whole question, as explanations and replays ask it. The status of the subscription is no part of it:
/// jobs of a paused one wait. What a filter missed, its `mismatch` says.
Match matches(const Subscription& subscription, const FilteredEvent& event);

/// The same for what `Catalog::match` found by its index of clients and types.
Match matches_beyond_type(
    const Subscription& subscription, const EventTypeBinding& binding, const FilteredEvent& event);

}  // namespace fc::messaging
