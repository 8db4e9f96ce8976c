#include "http/caller.h"

#include "base/encoding.h"

#include <algorithm>

namespace fc::http {
namespace {

bool matches(std::string_view pattern, std::string_view code) {
    while (true) {
        const auto pattern_end = pattern.find(':');
        const auto code_end = code.find(':');
        const auto segment = pattern.substr(0, pattern_end);
        const bool is_last = pattern_end == std::string_view::npos;
        if (is_last && segment == "*") return true;
        if (segment != "*" && segment != code.substr(0, code_end)) return false;
        if (is_last || code_end == std::string_view::npos)
            return is_last && code_end == std::string_view::npos;
        pattern.remove_prefix(pattern_end + 1);
        code.remove_prefix(code_end + 1);
    }
}

Error unauthenticated(std::string code, std::string detail) {
    return {ErrorKind::unauthenticated, std::move(code), std::move(detail), {}};
}

}  // namespace

PermissionSet::PermissionSet(std::vector<std::string> granted) : granted_(std::move(granted)) {
    std::ranges::sort(granted_);
    has_patterns_ =
        std::ranges::any_of(granted_, [](const auto& code) { return code.find('*') != code.npos; });
}

bool PermissionSet::allows(std::string_view code) const {
    if (std::ranges::binary_search(granted_, code, std::less<>{})) return true;
    return has_patterns_ &&
           std::ranges::any_of(granted_, [&](const auto& one) { return matches(one, code); });
}

Result<std::string_view> bearer_token(const RequestHead& head) {
    const auto text = head.authorization;
    if (text.empty()) return unauthenticated("TOKEN_MISSING", "send a token: 'Authorization: Bearer TOKEN'");
    constexpr std::string_view scheme = "Bearer ";
    if (text.size() <= scheme.size() || !equal_names(text.substr(0, scheme.size()), scheme)) {
        return unauthenticated("TOKEN_MALFORMED", "the Authorization header is not 'Bearer TOKEN'");
    }
    return text.substr(scheme.size());
}

TokenAuthenticator::TokenAuthenticator(const Secret& token, Caller caller)
    : token_sha256_(sha256(token.reveal())),
      caller_(std::move(caller)) {
    FC_ASSERT(!token.empty(), "an empty token would let everybody in");
}

Result<Caller> TokenAuthenticator::authenticate(const RequestHead& head) const {
    const auto token = bearer_token(head);
    if (!token) return token.error();
    if (!equal_constant_time(sha256(*token), token_sha256_)) {
        return unauthenticated("TOKEN_INVALID", "the token is not valid");
    }
    return caller_;
}

Caller administrator(Id<Principal> id, std::string name) {
    Caller caller;
    caller.principal_id = id;
    caller.name = std::move(name);
    caller.scope = Scope::anchor;
    caller.permissions = std::make_shared<const PermissionSet>(std::vector<std::string>{"*"});
    return caller;
}

}  // namespace fc::http
