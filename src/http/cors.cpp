#include "http/cors.h"

#include <algorithm>

namespace fc::http {
namespace {

constexpr std::string_view preflight_lines =
    "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
    "Access-Control-Allow-Headers: Accept, Authorization, Content-Type, Idempotency-Key, X-Request-ID, "
    "X-Client-ID, X-Correlation-ID, X-Causation-ID, traceparent, tracestate\r\n"
    "Access-Control-Max-Age: 300\r\n";
constexpr std::string_view exposed_line =
    "Access-Control-Expose-Headers: Link, Location, Retry-After, X-Correlation-ID, X-Request-ID\r\n";

bool is_host_part(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-';
    });
}

bool matches(std::string_view entry, std::string_view origin) {
    const auto star = entry.find('*');
    if (star == std::string_view::npos) return equal_names(entry, origin);
    const auto before = entry.substr(0, star);
    const auto after = entry.substr(star + 1);
    if (origin.size() <= before.size() + after.size()) return false;
    const auto middle = origin.substr(before.size(), origin.size() - before.size() - after.size());
    return equal_names(origin.substr(0, before.size()), before) &&
           equal_names(origin.substr(origin.size() - after.size()), after) && is_host_part(middle);
}

bool is_origin(std::string_view entry) {
    const auto scheme = entry.find("://");
    if (scheme == std::string_view::npos || scheme == 0) return false;
    const auto host = entry.substr(scheme + 3);
    return !host.empty() && host.find_first_of("/?# @") == std::string_view::npos &&
           std::ranges::count(entry, '*') <= 1 && entry.substr(0, scheme).find('*') == std::string_view::npos;
}

}  // namespace

Result<Cors> Cors::parse(const std::vector<std::string>& origins) {
    Cors cors;
    for (const auto& entry : origins) {
        if (entry == "*") {
            cors.any_ = true;
        } else if (is_origin(entry)) {
            cors.origins_.push_back(entry);
        } else {
            return invalid("INVALID_ORIGIN", "'" + entry + "' is no origin such as https://app.example.com");
        }
    }
    if (cors.any_ && !cors.origins_.empty()) {
        return invalid(
            "INVALID_ORIGIN", "'*' stands alone: it cannot be used with credentials, other origins can");
    }
    return cors;
}

bool Cors::allows(std::string_view origin) const {
    return any_ || std::ranges::any_of(origins_, [&](const auto& entry) { return matches(entry, origin); });
}

bool Cors::is_preflight(const RequestHead& head) {
    return head.method == Method::options && !head.origin.empty() &&
           !head.header("Access-Control-Request-Method").empty();
}

void Cors::append_headers(std::string& out, const RequestHead& head) const {
    if (!any_ && !origins_.empty()) out += "Vary: Origin\r\n";
    if (head.origin.empty() || !allows(head.origin)) return;
    out += "Access-Control-Allow-Origin: ";
    out += any_ ? std::string_view("*") : head.origin;
    out += any_ ? "\r\n" : "\r\nAccess-Control-Allow-Credentials: true\r\n";
    out += is_preflight(head) ? preflight_lines : exposed_line;
}

}  // namespace fc::http
