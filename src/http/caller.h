#pragma once

#include "base/error.h"
#include "base/id.h"
#include "base/vocabulary.h"
#include "http/request_head.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc {
struct Client;
struct Principal;
}  // namespace fc

namespace fc::http {

/// What a route asks of its caller: "platform:messaging:event:create". A literal, because routes outlive
/// everything.
struct Permission {
    consteval explicit Permission(std::string_view name) : code(name) {}
    std::string_view code;
};

/// For routes that everybody may use: health, metrics, the API document, login.
struct OpenToAll {};
inline constexpr OpenToAll open_to_all;

/// For routes that need a caller and nothing more: what one may know about oneself.
struct AnyCaller {};
inline constexpr AnyCaller any_caller;

/// Who may use a route. There is no default: a route that does not say does not compile.
class Access {
public:
    constexpr Access(Permission permission)
        : code_(permission.code) {}                  // NOLINT(google-explicit-constructor)
    constexpr Access(OpenToAll) : is_open_(true) {}  // NOLINT(google-explicit-constructor)
    constexpr Access(AnyCaller) {}                   // NOLINT(google-explicit-constructor)

    constexpr bool is_open() const { return is_open_; }
    /// "" when any caller may.
    constexpr std::string_view permission() const { return code_; }

private:
    std::string_view code_;
    bool is_open_ = false;
};

/// Which permissions a role set adds up to. `*` in a granted code stands for one segment, at the end for all
/// that follow.
class PermissionSet {
public:
    explicit PermissionSet(std::vector<std::string> granted);
    bool allows(std::string_view code) const;
    const std::vector<std::string>& granted() const { return granted_; }

private:
    std::vector<std::string> granted_;  ///< sorted
    bool has_patterns_ = false;
};

/// How far a principal sees: everything, the clients that it is a partner of, its own client.
enum class Scope { anchor, partner, client };

/// Who makes a request. Cheap to copy; made anew for each request by the Authenticator.
struct Caller {
    Id<Principal> principal_id;
    std::string name;
    Scope scope = Scope::client;
    std::optional<Id<Client>> client_id;  ///< the one it works for; nullopt: the platform
    std::shared_ptr<const PermissionSet> permissions;

    bool may(std::string_view permission) const { return permissions && permissions->allows(permission); }
    bool may(Permission permission) const { return may(permission.code); }
};

/// Turns the head of a request into its caller. Called on the io thread for every request to a route that is
/// not open.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    /// An error of kind unauthenticated becomes a 401 with a challenge.
    virtual Result<Caller> authenticate(const RequestHead& head) const = 0;
};

/// The token of "Authorization: Bearer TOKEN"; the error says whether it is missing or malformed.
Result<std::string_view> bearer_token(const RequestHead& head);

/// One fixed token for one caller: the administrator of development mode. Keeps only the token's SHA-256.
class TokenAuthenticator : public Authenticator {
public:
    TokenAuthenticator(const Secret& token, Caller caller);
    Result<Caller> authenticate(const RequestHead& head) const override;

private:
    std::string token_sha256_;
    Caller caller_;
};

/// An administrator who may do everything.
Caller administrator(Id<Principal> id, std::string name);

}  // namespace fc::http
