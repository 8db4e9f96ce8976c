#include "messaging/subscription/subscription.h"

namespace fc::messaging {

Result<void> pause(Subscription& subscription, TimePoint now, std::string reason) {
    if (subscription.status == SubscriptionStatus::paused)
        return conflict("ALREADY_PAUSED", "the subscription is paused already");
    subscription.status = SubscriptionStatus::paused;
    if (!reason.empty()) subscription.paused_reason = std::move(reason);
    begin_hold(subscription.holds, now);
    return {};
}

Result<void> resume(Subscription& subscription, TimePoint now) {
    if (subscription.status != SubscriptionStatus::paused)
        return conflict("NOT_PAUSED", "the subscription is not paused");
    subscription.status = SubscriptionStatus::active;
    subscription.paused_reason.reset();
    end_hold(subscription.holds, now);
    return {};
}

Result<void> rotate_secret(Subscription& subscription, Secret fresh, seconds grace, TimePoint now) {
    if (grace > seconds{0} && previous_secret(subscription, now)) {
        return conflict(
            "ROTATION_IN_PROGRESS",
            "the secret before the present one signs until " +
                to_rfc3339(*subscription.previous_secret_expires_at) +
                ": end that first (DELETE .../previous-secret), or rotate with gracePeriodSeconds 0");
    }
    subscription.previous_secret = {};
    subscription.previous_secret_expires_at.reset();
    if (grace > seconds{0}) {
        subscription.previous_secret = std::move(subscription.signing_secret);
        subscription.previous_secret_expires_at = now + grace;
    }
    subscription.signing_secret = std::move(fresh);
    return {};
}

Result<void> end_grace(Subscription& subscription, TimePoint now) {
    if (!previous_secret(subscription, now))
        return not_found("NO_PREVIOUS_SECRET", "only the present secret signs");
    subscription.previous_secret = {};
    subscription.previous_secret_expires_at.reset();
    return {};
}

std::optional<Secret> previous_secret(const Subscription& subscription, TimePoint now) {
    const auto& until = subscription.previous_secret_expires_at;
    return until && now < *until ? std::optional(subscription.previous_secret) : std::nullopt;
}

}  // namespace fc::messaging
