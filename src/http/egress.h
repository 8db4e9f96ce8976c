#pragma once

#include "base/error.h"
#include "base/vocabulary.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

/// An IPv4 or IPv6 address. IPv4 lies in the last four bytes, the form of an IPv4-mapped IPv6 address.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    bool is_v4 = false;

    static IpAddress v4(std::uint32_t number);
    static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
    /// "192.0.2.1" or "2001:db8::1" (without brackets or zone); nullopt for anything else.
    static std::optional<IpAddress> parse(std::string_view text);
    std::string to_string() const;
    bool operator==(const IpAddress&) const = default;
};

/// A block of addresses: "10.0.0.0/8", "fd00::/8", or one address.
class Cidr {
public:
    static Result<Cidr> parse(std::string_view text);
    /// Blocks between commas, as in a setting; the first malformed one is the error.
    static Result<std::vector<Cidr>> parse_list(std::string_view text);
    bool contains(const IpAddress& address) const;
    const std::string& text() const { return text_; }

private:
    IpAddress base_;
    unsigned prefix_bits_ = 0;
    std::string text_;
};

/// What an operator opens beyond public addresses.
struct EgressSettings {
    std::vector<Cidr> allowed;
    bool loopback_allowed = false;  ///< development mode
};

/// Decides which addresses a URL that a tenant can set may lead to: no special-purpose block of the IANA
/// registries (RFC 6890), whatever name resolved to it. Pure; the client asks at connect time, for each
/// resolved address.
class EgressFilter {
public:
    explicit EgressFilter(EgressSettings settings = {}) : settings_(std::move(settings)) {}

    /// Why no connection may be made to `address`; nullopt when it may.
    std::optional<std::string> refusal(const IpAddress& address) const;

    /// For checks when a URL is set: the error for a host that is a refused address or "localhost" by its own
    /// text. A name that only resolves to a refused address is found at connect time.
    std::optional<Error> refuses_literal(const Url& url) const;

private:
    EgressSettings settings_;
};

}  // namespace fc::http
