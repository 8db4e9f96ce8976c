#include "protocol/dispatch_message.h"

#include "codec/json.h"

#include <boost/describe.hpp>

namespace fc::protocol {

BOOST_DESCRIBE_ENUM(MediationType, http)
BOOST_DESCRIBE_STRUCT(
    DispatchMessage,
    (),
    (id, pool_code, auth_token, mediation_type, mediation_target, message_group_id, high_priority))

}  // namespace fc::protocol

namespace fc::codec {

template <>
struct Rules<protocol::DispatchMessage> {
    static constexpr auto required = std::tuple{&protocol::DispatchMessage::id};
    static void check(const protocol::DispatchMessage& message, Faults<protocol::DispatchMessage>& faults) {
        faults.expect(!message.id.empty(), &protocol::DispatchMessage::id, "must not be empty");
    }
};

}  // namespace fc::codec

namespace fc::protocol {

Result<DispatchMessage> parse_dispatch_message(std::string_view body) {
    return codec::from_json<DispatchMessage>(body);
}

std::string to_body(const DispatchMessage& message) {
    return codec::to_json(message, codec::Reveal::yes);
}

}  // namespace fc::protocol
