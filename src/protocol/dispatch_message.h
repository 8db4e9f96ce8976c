#pragma once

#include "base/error.h"
#include "base/vocabulary.h"

#include <string>
#include <string_view>

namespace fc::protocol {

enum class MediationType { http };

/// What travels on the queue: a pointer to a dispatch job, never its payload. Changing a name breaks other
/// producers.
struct DispatchMessage {
    std::string id;         ///< dispatch job id; any text from another producer, never empty
    std::string pool_code;  ///< pool key: `default`, an id or a code; "" where the producer named none
    Secret auth_token;      ///< bearer token for the mediation target; empty: none is sent
    MediationType mediation_type = MediationType::http;
    std::string mediation_target;  ///< where the router POSTs `{"messageId"}`; not checked here
    std::string message_group_id;  ///< FIFO within it; empty: a group of its own
    bool high_priority = false;    ///< overtakes what waits in its own group
};

/// Unknown members are ignored and null is absent; an Error when there is no id or a member has the wrong
/// type.
Result<DispatchMessage> parse_dispatch_message(std::string_view body);
/// With the token in clear.
std::string to_body(const DispatchMessage& message);

}  // namespace fc::protocol
