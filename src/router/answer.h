#pragma once

#include "http/client.h"
#include "router/mediator.h"

namespace fc::router {

constexpr Millis nack_delay_default{30'000};
constexpr Millis nack_delay_max{43'200'000};

/// What one answer of a mediation target means.
struct Judgement {
    Mediation mediation;
    bool repeat_at_once =
        false;  ///< worth another attempt within this delivery: connection errors, timeouts, 5xx
};

/// 2xx is done, unless its body says `"ack":false` (then: after `delaySeconds`); 429 after `Retry-After` in
/// seconds, else `delaySeconds`; other 4xx a config error; 5xx and no answer failed, later. A nack is never
/// without a delay. Source: README "Response Handling".
Judgement judge(const http::ClientResponse& response);

/// `{"messageId":"<id>"}`, the id escaped.
std::string callback_body(const std::string& message_id);

}  // namespace fc::router
