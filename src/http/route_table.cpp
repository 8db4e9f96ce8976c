#include "http/route_table.h"

#include "base/encoding.h"
#include "base/error.h"

#include <algorithm>

namespace fc::http {
namespace {

// "/a/b" -> "a", leaving "/b"; the slash before a segment belongs to it.
std::string_view take_segment(std::string_view& rest) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

struct RouteTable::Node {
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> rest;  ///< takes all segments that follow
    std::array<int, method_count> routes;

    Node() { routes.fill(-1); }
    bool is_end() const {
        return std::ranges::any_of(routes, [](int route) { return route >= 0; });
    }
    const Node* literal(std::string_view segment) const {
        for (const auto& [text, node] : literals) {
            if (text == segment) return node.get();
        }
        return nullptr;
    }
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}

RouteTable::RouteTable(std::vector<Route> routes)
    : routes_(std::move(routes)),
      root_(std::make_unique<Node>()) {
    for (std::size_t i = 0; i < routes_.size(); ++i) insert(i);
}

RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

void RouteTable::insert(std::size_t index) {
    const auto& route = routes_[index];
    FC_ASSERT(route.path.starts_with('/'), "a route's path starts with a slash");
    FC_ASSERT(!route.now != !route.later, "a route has one handler");
    auto* node = root_.get();
    std::string_view rest = route.path;
    if (rest == "/") rest = {};
    while (!rest.empty()) {
        const auto segment = take_segment(rest);
        std::unique_ptr<Node>* next = nullptr;
        if (!is_parameter(segment)) {
            auto known =
                std::ranges::find(node->literals, segment, &decltype(node->literals)::value_type::first);
            if (known == node->literals.end()) {
                node->literals.emplace_back(segment, nullptr);
                known = node->literals.end() - 1;
            }
            next = &known->second;
        } else {
            next = segment.ends_with("...}") ? &node->rest : &node->parameter;
        }
        if (!*next) *next = std::make_unique<Node>();
        node = next->get();
    }
    auto& slot = node->routes[static_cast<std::size_t>(route.method)];
    FC_ASSERT(slot < 0, "two routes have the same method and path");
    slot = static_cast<int>(index);
}

const RouteTable::Node* RouteTable::walk(
    const Node& node, std::string_view rest, Parameters& parameters, bool& is_malformed) const {
    if (rest.empty() || rest == "/") return node.is_end() ? &node : nullptr;
    auto after = rest;
    const auto segment = take_segment(after);
    const Node* literal = nullptr;
    if (segment.find('%') == std::string_view::npos) {
        literal = node.literal(segment);
    } else if (const auto decoded = percent_decode(segment)) {
        literal = node.literal(*decoded);
    }
    if (literal) {
        if (const auto* found = walk(*literal, after, parameters, is_malformed)) return found;
    }
    if (node.parameter && !segment.empty()) {
        if (const auto* found = walk_parameter(*node.parameter, segment, after, parameters, is_malformed))
            return found;
    }
    return node.rest ? walk_parameter(*node.rest, rest.substr(1), {}, parameters, is_malformed) : nullptr;
}

const RouteTable::Node* RouteTable::walk_parameter(
    const Node& node,
    std::string_view segment,
    std::string_view rest,
    Parameters& parameters,
    bool& malformed) const {
    auto decoded = percent_decode(segment);
    if (!decoded || !is_valid_utf8(*decoded)) {
        malformed = true;
        return nullptr;
    }
    parameters.emplace_back("", std::move(*decoded));
    const auto* found = walk(node, rest, parameters, malformed);
    if (!found) parameters.pop_back();
    return found;
}

RouteTable::Match RouteTable::find(Method method, std::string_view path, Parameters& parameters) const {
    parameters.clear();
    Match match;
    const auto* node = path.starts_with('/') ? walk(*root_, path, parameters, match.is_malformed) : nullptr;
    if (!node) return match;
    match.is_malformed = false;
    if (method == Method::head && node->routes[static_cast<std::size_t>(Method::head)] < 0)
        method = Method::get;
    if (const int index = node->routes[static_cast<std::size_t>(method)]; index >= 0) {
        match.index = static_cast<std::size_t>(index);
        match.route = &routes_[match.index];
        // Paths that share a node may name its parameters differently, so the names are the route's.
        std::string_view rest = match.route->path;
        for (auto& parameter : parameters) {
            auto segment = take_segment(rest);
            while (!is_parameter(segment)) segment = take_segment(rest);
            parameter.first = segment.substr(1, segment.size() - (segment.ends_with("...}") ? 5 : 2));
        }
        return match;
    }
    for (std::size_t i = 0; i < method_count; ++i) {
        if (node->routes[i] < 0) continue;
        const auto known = static_cast<Method>(i);
        match.allow.append(to_string(known)).append(known == Method::get ? ", HEAD, " : ", ");
    }
    match.allow += "OPTIONS";
    return match;
}

}  // namespace fc::http
