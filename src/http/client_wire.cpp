#include "http/client_wire.h"

#include "http/request_head.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace fc::http {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
    for (const auto& entry : headers) {
        if (equal_names(entry.first, name)) return entry.second;
    }
    return std::nullopt;
}

std::optional<ClientTarget> parse_target(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->has_userinfo() || parsed->encoded_host().empty()) return std::nullopt;
    ClientTarget target;
    if (parsed->scheme_id() == boost::urls::scheme::https) {
        target.is_tls = true;
    } else if (parsed->scheme_id() != boost::urls::scheme::http) {
        return std::nullopt;
    }
    const std::uint16_t usual_port = target.is_tls ? 443 : 80;
    target.port = usual_port;
    if (const auto digits = parsed->port(); !digits.empty()) {
        const auto* end = digits.data() + digits.size();
        const auto port = std::from_chars(digits.data(), end, target.port);
        if (port.ec != std::errc{} || port.ptr != end || target.port == 0) return std::nullopt;
    }
    target.host = parsed->host_address();
    if (!is_field_value(target.host) || target.host.find_first_of(" /\\") != std::string::npos)
        return std::nullopt;
    std::ranges::transform(target.host, target.host.begin(), lower);
    const auto encoded_host = parsed->encoded_host();
    target.authority.assign(encoded_host.data(), encoded_host.size());
    if (target.port != usual_port) {
        target.authority += ':';
        append_number(target.authority, target.port);
    }
    const auto path = parsed->encoded_target();
    if (path.empty() || path.front() != '/') target.path = "/";
    target.path.append(path.data(), path.size());
    return target;
}

std::shared_ptr<const ClientTarget> ClientTargets::find(const std::string& url) {
    if (const auto known = by_url_.find(url); known != by_url_.end()) return known->second;
    auto parsed = parse_target(url);
    if (!parsed) return nullptr;
    auto target = std::make_shared<const ClientTarget>(std::move(*parsed));
    if (url.size() > url_bytes_max) return target;
    if (by_url_.size() >= targets_max_) by_url_.clear();
    by_url_.emplace(url, target);
    return target;
}

std::optional<std::string> write_head(
    std::string& out, const ClientRequest& request, const ClientTarget& target) {
    if (!is_token(request.method)) return "the method '" + request.method + "' is no HTTP method";
    if (!request.headers.fault().empty()) return request.headers.fault();
    out.clear();
    out += request.method;
    out += ' ';
    out += target.path;
    out += " HTTP/1.1\r\nHost: ";
    out += target.authority;
    out += "\r\n";
    out += request.headers.text();
    if (!request.headers.find("User-Agent")) out += "User-Agent: FlowCatalyst\r\n";
    const bool may_have_body = request.method != "GET" && request.method != "HEAD";
    if (!request.body.empty() || may_have_body) {
        out += "Content-Length: ";
        append_number(out, request.body.size());
        out += "\r\n";
    }
    out += "\r\n";
    return std::nullopt;
}

}  // namespace fc::http
