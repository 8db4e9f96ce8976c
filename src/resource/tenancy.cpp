#include "resource/tenancy.h"

namespace fc::resource {

bool sees(const http::Caller& caller, Tsid client_id) {
    if (caller.scope == http::Scope::anchor) return true;
    return client_id && caller.client_id && caller.client_id->value == client_id.value;
}

Result<Tsid> client_of(const http::Request& request) {
    const auto& caller = request.caller();
    const auto chosen = request.header(client_header.name);
    if (caller.scope == http::Scope::anchor && !chosen.empty()) {
        if (const auto id = Tsid::parse(chosen)) return *id;
        return invalid("INVALID_CLIENT_ID", "the header X-Client-ID is not an id of 13 characters");
    }
    return caller.client_id ? Tsid{caller.client_id->value} : Tsid{};
}

Result<Tsid> owner_of_new(const http::Request& request, std::optional<Tsid> asked) {
    if (!asked) return client_of(request);
    if (sees(request.caller(), *asked)) return *asked;
    return Error{ErrorKind::forbidden, "CLIENT_FORBIDDEN", "you do not work for that client", {}};
}

}  // namespace fc::resource
