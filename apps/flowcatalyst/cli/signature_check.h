#pragma once

#include "base/error.h"
#include "base/time.h"
#include "base/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>

namespace fc::cli {

/// The parts of a delivery that its signatures are about, as they came.
struct SignedDelivery {
    std::string_view webhook_id;
    std::string_view webhook_timestamp;
    std::string_view webhook_signature;
    std::string_view plain_timestamp;  ///< X-FlowCatalyst-Timestamp
    std::string_view plain_signature;  ///< X-FlowCatalyst-Signature
    std::string_view body;
};

/// Verifies deliveries as a receiver does, on its own and not with the code that signs: docs/webhooks.md.
class SignatureCheck {
public:
    static constexpr Millis tolerance = seconds{300};

    /// INVALID_SIGNING_SECRET when it is empty or `whsec_` is not followed by base64.
    static Result<SignatureCheck> with(const Secret& secret);

    /// Why the delivery is not to be trusted; nullopt when both signatures hold. `wall` is wall time.
    /// While a secret is rotated only `webhook-signature` has the new one, so that alone decides then.
    std::optional<std::string> fault(const SignedDelivery& delivery, TimePoint wall) const;

private:
    SignatureCheck(std::string standard_key, std::string plain_key)
        : standard_key_(std::move(standard_key)),
          plain_key_(std::move(plain_key)) {}
    bool standard_holds(const SignedDelivery& delivery) const;
    bool plain_holds(const SignedDelivery& delivery) const;

    std::string standard_key_;
    std::string plain_key_;
};

}  // namespace fc::cli
