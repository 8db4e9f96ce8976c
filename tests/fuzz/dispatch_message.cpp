// The body of a queue message.
#include "protocol/dispatch_message.h"

#include "target.h"

namespace fc::fuzz {

void run(std::string_view input) {
    const auto message = protocol::parse_dispatch_message(input);
    if (!message) return;
    FC_ASSERT(!message->id.empty(), "a pointer names its job");
    const auto body = protocol::to_body(*message);
    const auto again = protocol::parse_dispatch_message(body);
    FC_ASSERT(again.has_value(), "what is published can be fetched");
    FC_ASSERT(protocol::to_body(*again) == body, "what is fetched is what was published");
}

}  // namespace fc::fuzz
