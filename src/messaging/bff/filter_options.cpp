#include "messaging/bff/filter_options.h"

#include "messaging/event_type/event_type.h"
#include "resource/tenancy.h"

#include <algorithm>
#include <set>

namespace fc::messaging {
namespace {

bool is_chosen(const std::vector<std::string>& chosen, std::string_view value) {
    return chosen.empty() || std::ranges::find(chosen, value) != chosen.end();
}

bool is_chosen(const std::vector<ClientChoice>& chosen, Tsid client_id) {
    return chosen.empty() || std::ranges::find(chosen, client_id, &ClientChoice::id) != chosen.end();
}

using Values = std::set<std::string, std::less<>>;

std::vector<Option> options(const Values& values) {
    std::vector<Option> made;
    for (const auto& value : values) {
        if (!value.empty() && made.size() < TypeOptions::options_max) made.push_back({value, value});
    }
    return made;
}

std::vector<ClientOption> client_options(std::set<Tsid> clients, const http::Caller& caller) {
    clients.insert(Tsid{});
    std::vector<ClientOption> made;
    for (const auto id : clients) {
        if (!resource::sees(caller, id) || made.size() == TypeOptions::options_max) continue;
        if (id)
            made.push_back({{'"' + id.to_string() + '"'}, id.to_string()});
        else
            made.push_back({{"null"}, "Platform (no client)"});
    }
    return made;
}

/// Answers the types that fit all that was chosen.
std::vector<Option> narrow(
    TypeOptions& made,
    const std::vector<store::TypeSeen>& seen,
    const AskOptions& chosen,
    const http::Caller& caller) {
    std::set<Tsid> clients;
    Values applications, subdomains, aggregates, types;
    for (const auto& each : seen) {
        if (!resource::sees(caller, each.client_id)) continue;
        clients.insert(each.client_id);
        if (!is_chosen(chosen.client_ids, each.client_id)) continue;
        const auto parts = parts_of(each.type);
        applications.emplace(parts.application);
        if (!is_chosen(chosen.applications, parts.application)) continue;
        subdomains.emplace(parts.subdomain);
        if (!is_chosen(chosen.subdomains, parts.subdomain)) continue;
        aggregates.emplace(parts.aggregate);
        if (is_chosen(chosen.aggregates, parts.aggregate)) types.insert(each.type);
    }
    made.clients = client_options(std::move(clients), caller);
    made.applications = options(applications);
    made.subdomains = options(subdomains);
    made.aggregates = options(aggregates);
    return options(types);
}

template <class Entity>
std::vector<Option> entity_options(
    const std::vector<std::shared_ptr<const Entity>>& all, const AskOptions& chosen) {
    std::vector<Option> made;
    for (const auto& each : all) {
        if (!is_chosen(chosen.client_ids, each->client_id) || made.size() == TypeOptions::options_max)
            continue;
        made.push_back({each->id.to_string(), each->name});
    }
    std::ranges::sort(made, {}, &Option::label);
    return made;
}

}  // namespace

EventOptions event_options(
    const std::vector<store::TypeSeen>& seen, const AskOptions& chosen, const http::Caller& caller) {
    EventOptions made;
    made.types = narrow(made, seen, chosen, caller);
    return made;
}

DispatchJobOptions dispatch_job_options(
    const std::vector<store::TypeSeen>& seen,
    const AskOptions& chosen,
    const http::Caller& caller,
    const Catalog& catalog) {
    DispatchJobOptions made;
    made.codes = narrow(made, seen, chosen, caller);
    for (const auto& status : codec::Enumerators<store::JobStatus>::names)
        made.statuses.push_back({std::string(status.view()), std::string(status.view())});
    made.dispatch_pools = entity_options(catalog.pools().all(caller), chosen);
    made.subscriptions = entity_options(catalog.subscriptions().all(caller), chosen);
    return made;
}

}  // namespace fc::messaging
