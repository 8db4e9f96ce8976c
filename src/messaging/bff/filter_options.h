#pragma once

#include "base/vocabulary.h"
#include "http/caller.h"
#include "messaging/list_request.h"

#include <boost/describe/class.hpp>

#include <string>
#include <vector>

namespace fc::messaging {

/// What was chosen so far: each narrows the options of those that follow it.
struct AskOptions {
    std::vector<ClientChoice> client_ids;
    std::vector<std::string> applications;
    std::vector<std::string> subdomains;
    std::vector<std::string> aggregates;
};
BOOST_DESCRIBE_STRUCT(AskOptions, (), (client_ids, applications, subdomains, aggregates))

struct Option {
    std::string value;
    std::string label;
};
BOOST_DESCRIBE_STRUCT(Option, (), (value, label))

struct ClientOption {
    RawJson value;  ///< an id; null: the platform
    std::string label;
};
BOOST_DESCRIBE_STRUCT(ClientOption, (), (value, label))

/// What is offered under the choices so far; at most `options_max` each.
struct TypeOptions {
    static constexpr std::size_t options_max = 1'000;
    std::vector<ClientOption> clients;
    std::vector<Option> applications;
    std::vector<Option> subdomains;
    std::vector<Option> aggregates;
};
BOOST_DESCRIBE_STRUCT(TypeOptions, (), (clients, applications, subdomains, aggregates))

struct EventOptions : TypeOptions {
    std::vector<Option> types;
};
BOOST_DESCRIBE_STRUCT(EventOptions, (TypeOptions), (types))

struct DispatchJobOptions : TypeOptions {
    std::vector<Option> codes;
    std::vector<Option> statuses;
    std::vector<Option> dispatch_pools;
    std::vector<Option> subscriptions;
};
BOOST_DESCRIBE_STRUCT(DispatchJobOptions, (TypeOptions), (codes, statuses, dispatch_pools, subscriptions))

/// Of the types that the caller may see.
EventOptions event_options(
    const std::vector<store::TypeSeen>& seen, const AskOptions& chosen, const http::Caller& caller);
DispatchJobOptions dispatch_job_options(
    const std::vector<store::TypeSeen>& seen,
    const AskOptions& chosen,
    const http::Caller& caller,
    const Catalog& catalog);

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::AskOptions> {
    static constexpr auto names = fc::codec::ListRules<fc::messaging::AskOptions>::singulars;
};
