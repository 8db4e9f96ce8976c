#include "router/router_targets.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <optional>

namespace fc::router {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(
        out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

struct Origin {
    std::string host;
    std::string port;
};

std::optional<Origin> origin_of(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->encoded_host().empty() || parsed->has_userinfo()) return std::nullopt;
    const std::string scheme = lower(parsed->scheme());
    if (scheme != "http" && scheme != "https") return std::nullopt;
    std::string port{parsed->port()};
    if (port.empty()) port = scheme == "http" ? "80" : "443";
    return Origin{.host = lower(parsed->encoded_host()), .port = std::move(port)};
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

Result<RouterTargets> RouterTargets::parse(std::string_view list) {
    RouterTargets targets;
    while (!list.empty()) {
        const std::string_view entry = trim(list.substr(0, list.find(',')));
        list.remove_prefix(
            std::min(list.size(), list.find(',') == list.npos ? list.size() : list.find(',') + 1));
        if (entry.empty()) continue;
        if (entry == "*") {
            targets.all_ = true;
            continue;
        }
        const bool is_url = entry.find("://") != entry.npos;
        const auto origin = origin_of(is_url ? std::string{entry} : "http://" + std::string{entry});
        // A bare entry is host and port and nothing behind them.
        if (!origin || (!is_url && entry.find_first_of("/?#") != entry.npos)) {
            return invalid(
                "INVALID_TARGET", "'" + std::string{entry} + "' is neither host, host:port nor URL");
        }
        const bool names_port = is_url || entry.ends_with(':' + origin->port);
        targets.entries_.push_back(Entry{.host = origin->host, .port = names_port ? origin->port : ""});
    }
    return targets;
}

bool RouterTargets::allows(std::string_view url) const {
    const auto origin = origin_of(url);
    if (!origin) return false;
    return all_ || std::ranges::any_of(entries_, [&](const Entry& entry) {
               return entry.host == origin->host && (entry.port.empty() || entry.port == origin->port);
           });
}

}  // namespace fc::router
