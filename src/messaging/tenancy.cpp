#include "messaging/tenancy.h"

namespace fc::messaging {

Result<Tsid> client_of(const http::Request& request) {
    const auto& caller = request.caller();
    const auto chosen = request.header("X-Client-ID");
    if (caller.scope == http::Scope::anchor && !chosen.empty()) {
        if (const auto id = Tsid::parse(chosen)) return *id;
        return invalid("INVALID_CLIENT_ID", "the header X-Client-ID is not an id of 13 characters");
    }
    return caller.client_id ? Tsid{caller.client_id->value} : Tsid{};
}

bool may_see(const http::Caller& caller, Tsid owner) {
    if (caller.scope == http::Scope::anchor) return true;
    return caller.client_id && caller.client_id->value == owner.value;
}

}  // namespace fc::messaging
