#pragma once

#include "messaging/subscription/subscription.h"
#include "store/records.h"

#include <boost/describe/enum.hpp>

namespace fc::messaging {

/// What a subscription makes of an event: it matches, or the first reason why it does not.
enum class Match { yes, other_client, other_type, other_version };
BOOST_DESCRIBE_ENUM(Match, yes, other_client, other_type, other_version)

/// The whole question, as explanations and replays ask it. The status of the subscription is no part of it:
/// jobs of a paused one wait.
Match matches(const Subscription& subscription, const store::EventRecord& event);

/// The same for what `Catalog::match` found by its index of clients and types.
Match matches_beyond_type(
    const Subscription& subscription, const EventTypeBinding& binding, const store::EventRecord& event);

}  // namespace fc::messaging
