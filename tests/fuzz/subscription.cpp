// The bodies that make and edit a subscription.
#include "codec/form.h"
#include "messaging/subscription/subscription_api.h"
#include "resource/assign.h"
#include "round_trip.h"
#include "target.h"

namespace fc::fuzz {

using messaging::SubscriptionFields;

namespace {

/// The subscription is stored, and answered, as JSON that reads back.
void check(const SubscriptionFields& fields) {
    messaging::Subscription subscription;
    resource::assign(subscription, fields);
    if (fields.event_types)
        subscription.event_types.assign(fields.event_types->begin(), fields.event_types->end());
    if (fields.target) subscription.target = *fields.target;
    check_round_trip(subscription);
}

}  // namespace

void run(std::string_view input) {
    if (const auto created = codec::from_json<messaging::CreateSubscription>(input)) {
        FC_ASSERT(created->name && created->event_types, "what is required is there");
        check(*created);
    }
    const std::pair<std::string, std::string> path("id", Tsid{7}.to_string());
    if (const auto edited = codec::from_request<messaging::EditSubscription>(input, {&path, 1})) {
        FC_ASSERT(edited->id.value == 7, "the path wins over the body");
        check(*edited);
    }
}

}  // namespace fc::fuzz
