#include "http/routes.h"

#include "base/encoding.h"

#include <algorithm>
#include <iterator>

namespace fc::http {

std::vector<std::string> parameter_names(std::string_view path) {
    std::vector<std::string> names;
    while (true) {
        const auto open = path.find('{');
        const auto close = path.find('}', open);
        if (open == std::string_view::npos || close == std::string_view::npos) return names;
        auto name = path.substr(open + 1, close - open - 1);
        if (name.ends_with("...")) name.remove_suffix(3);
        names.emplace_back(name);
        path.remove_prefix(close + 1);
    }
}

Result<binding::Pairs> binding::parse_query(std::string_view query) {
    constexpr std::size_t pairs_max = 200;
    Pairs pairs;
    while (!query.empty()) {
        const auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto name = percent_decode(part.substr(0, equals), true);
        auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
        if (!name || !value) return invalid("INVALID_QUERY", "the query has a broken percent escape");
        if (!is_valid_utf8(*name) || !is_valid_utf8(*value))
            return invalid("INVALID_QUERY", "the query is not UTF-8");
        if (pairs.size() == pairs_max)
            return invalid("INVALID_QUERY", "the query has more than 200 parameters");
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

bool binding::describe_parameters(
    const InputMembers& input,
    bool has_body,
    const std::vector<std::string>& path_names,
    RouteDescription& description) {
    using Place = ParameterDescription::Place;
    bool is_all_in_path = true;
    for (std::size_t i = 0; i < input.members.size(); ++i) {
        const auto& member = input.members[i];
        const std::string name(input.names[i].name);
        const bool in_path = std::ranges::count(path_names, name) > 0;
        is_all_in_path = is_all_in_path && in_path;
        if (in_path) description.parameters.push_back({name, member.schema, Place::path, true, ""});
        if (in_path || has_body) continue;
        for (const auto& known : input.names) {
            if (known.member != i) continue;
            const bool is_own = known.name == name;
            description.parameters.push_back(
                {std::string(known.name),
                 member.schema,
                 Place::query,
                 is_own && member.is_required,
                 is_own ? "" : "The same as `" + name + "`."});
        }
    }
    return is_all_in_path;
}

void binding::describe_path(const std::vector<std::string>& path_names, RouteDescription& description) {
    for (const auto& name : path_names) {
        const auto is_known = [&](const auto& parameter) { return parameter.name == name; };
        if (std::ranges::any_of(description.parameters, is_known)) continue;
        auto schema = [](codec::Schemas&) { return std::string(R"({"type":"string"})"); };
        description.parameters.push_back({name, schema, ParameterDescription::Place::path, true, ""});
    }
}

Routes& Routes::add(Routes other) {
    std::ranges::move(other.routes_, std::back_inserter(routes_));
    return *this;
}

Routes& Routes::alias(std::string_view other, std::string_view path) {
    std::vector<Route> added;
    for (const auto& route : routes_) {
        const auto rest = std::string_view(route.path).substr(std::min(route.path.size(), path.size()));
        if (!route.path.starts_with(path) || !(rest.empty() || rest.starts_with('/'))) continue;
        auto name = std::string(other).append(rest);
        const auto is_taken = [&](const Route& known) {
            return known.method == route.method && known.path == name;
        };
        if (std::ranges::any_of(routes_, is_taken)) continue;
        added.push_back(route);
        added.back().path = std::move(name);
        added.back().description.is_hidden = true;
    }
    std::ranges::move(added, std::back_inserter(routes_));
    return *this;
}

Routes& Routes::body_bytes_max(std::size_t bytes) {
    routes_.back().body_bytes_max = bytes;
    return *this;
}

Routes& Routes::sheds() {
    routes_.back().sheds = true;
    return *this;
}

Routes& Routes::hidden() {
    routes_.back().description.is_hidden = true;
    return *this;
}

Routes& Routes::says(std::string_view details) {
    routes_.back().description.details = details;
    return *this;
}

Routes& Routes::shows(std::string_view body) {
    routes_.back().description.response_example = body;
    return *this;
}

Routes& Routes::reads(const HeaderField& field) {
    const auto schema = [text = std::string(field.schema)](codec::Schemas&) { return text; };
    routes_.back().description.parameters.push_back(
        {std::string(field.name),
         schema,
         ParameterDescription::Place::header,
         false,
         std::string(field.description)});
    return *this;
}

Routes& Routes::example(std::string_view body) {
    routes_.back().description.example = body;
    return *this;
}

Routes& Routes::also_takes(MediaType other) {
    routes_.back().description.other_requests.push_back(other);
    return *this;
}

Routes& Routes::answers_with(std::string_view content_type) {
    routes_.back().description.response_type = content_type;
    return *this;
}

Routes& Routes::answers_with(std::vector<int> statuses) {
    routes_.back().description.statuses = std::move(statuses);
    return *this;
}

}  // namespace fc::http
