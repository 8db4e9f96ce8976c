#pragma once

#include "http/routes.h"
#include "messaging/catalog.h"
#include "resource/paging.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>

namespace fc::messaging {

struct ListPools : resource::ListRequest {
    std::optional<PoolStatus> status;
    std::optional<Tsid> client_id;
};
BOOST_DESCRIBE_STRUCT(ListPools, (resource::ListRequest), (status, client_id))

/// `id` may be the pool's id or its code.
struct NamedPool {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(NamedPool, (), (id))

/// Absent members stay as they are; null for the rate lifts it.
struct PoolFields {
    using RateLimit = decltype(DispatchPool::rate_limit_per_min);

    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<decltype(DispatchPool::concurrency)> concurrency;
    std::optional<RateLimit> rate_limit_per_min;
    std::optional<RateLimit> rate_limit;  ///< the same, as earlier editions call it
};
BOOST_DESCRIBE_STRUCT(PoolFields, (), (name, description, concurrency, rate_limit_per_min, rate_limit))

struct EditPool : PoolFields {
    std::string id;  ///< or its code
};
BOOST_DESCRIBE_STRUCT(EditPool, (PoolFields), (id))

struct CreatePool : PoolFields {
    std::optional<Code> code;  ///< nullopt: made of the name
    std::optional<Tsid> client_id;
};
BOOST_DESCRIBE_STRUCT(CreatePool, (PoolFields), (code, client_id))

/// `/api/dispatch-pools`.
class DispatchPoolApi {
public:
    explicit DispatchPoolApi(Catalog* catalog) : catalog_(catalog) {}
    http::Routes routes();

private:
    using PoolPage = http::Page<DispatchPool, "pools">;
    using PoolRule = Result<void> (*)(DispatchPool&, TimePoint);

    PoolPage list(http::Caller caller, ListPools query) const;
    Result<DispatchPool> get(http::Caller caller, NamedPool which) const;
    Task<Result<http::Created<DispatchPool>>> create(http::Request request, CreatePool body);
    Task<Result<DispatchPool>> edit(http::Caller caller, EditPool body);
    Task<Result<void>> remove(http::Caller caller, NamedPool which);
    Task<Result<DispatchPool>> archive(http::Caller caller, NamedPool which);

    Result<PoolPtr> find(const http::Caller& caller, const std::string& id_or_code) const;
    Task<Result<DispatchPool>> change(Result<PoolPtr> pool, resource::Rule<DispatchPool> rule);
    /// DISPATCH_POOL_IN_USE names a subscription.
    Result<void> check_unused(const DispatchPool& pool) const;
    /// A handler that applies a rule.
    auto follow(PoolRule rule);

    Catalog* catalog_;
};

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::CreatePool> {
    static void check(const fc::messaging::CreatePool& body, Faults<fc::messaging::CreatePool>& faults);
};
template <>
struct fc::codec::Rules<fc::messaging::EditPool> {
    static void check(const fc::messaging::EditPool& body, Faults<fc::messaging::EditPool>& faults);
};
