#pragma once

#include "http/client.h"

#include <cstdint>
#include <optional>
#include <string>

namespace fc::http {

/// A URL taken apart for sending.
struct ClientTarget {
    bool is_tls = false;
    std::string host;       ///< lower case, an IPv6 address without brackets
    std::string authority;  ///< the Host header: as in the URL, the port only when it is not the scheme's
    std::uint16_t port = 0;
    std::string path;  ///< with the query; starts with '/'
};

/// nullopt when the URL is not an absolute http or https URL with a host.
std::optional<ClientTarget> parse_target(std::string_view url);

/// Writes request line and headers over `out`, which keeps its capacity. Returns what is wrong with the
/// method or a header (a line break in a value would let its author write headers), nullopt when all is well.
std::optional<std::string> write_head(
    std::string& out, const ClientRequest& request, const ClientTarget& target);

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace fc::http
