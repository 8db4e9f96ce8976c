#pragma once

#include "http/client.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

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

/// Targets by URL, so that the few that are asked for again and again are taken apart once.
class ClientTargets {
public:
    static constexpr std::size_t url_bytes_max = 2'048;  ///< longer ones are taken apart each time
    explicit ClientTargets(std::size_t targets_max = 1'000) : targets_max_(targets_max) {}

    /// Null when `parse_target` finds nothing in it.
    std::shared_ptr<const ClientTarget> find(const std::string& url);
    std::size_t size() const { return by_url_.size(); }

private:
    std::size_t targets_max_;
    std::unordered_map<std::string, std::shared_ptr<const ClientTarget>> by_url_;
};

/// Writes request line and headers over `out`, which keeps its capacity. Returns what is wrong with the
/// method or a header, nullopt when all is well.
std::optional<std::string> write_head(
    std::string& out, const ClientRequest& request, const ClientTarget& target);

}  // namespace fc::http
