#pragma once

#include "http/routes.h"
#include "messaging/catalog.h"
#include "resource/paging.h"
#include "store/message_log.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace fc::messaging {

/// Each member that is given must fit; of a list one value. `text` is part of the name or the code, in any
/// case.
struct ListPools : resource::ListRequest {
    std::vector<PoolStatus> status;
    std::vector<Tsid> client_id;
    std::optional<bool> anchor_level;  ///< true: the platform's own, false: those of clients
    std::string text;
};
BOOST_DESCRIBE_STRUCT(ListPools, (resource::ListRequest), (status, client_id, anchor_level, text))

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

/// A pool as it is answered. What earlier editions showed besides says nothing here: there is one kind of
/// mediator, and the backlog of a pool is not limited.
struct PoolView : DispatchPoolFacts {
    std::string mediator_type = "HTTP_WEBHOOK";
    std::int64_t queue_capacity = 500;
    std::optional<bool> enabled;  ///< true when active, else absent
    // Only of an action: what was done, and the id again.
    std::optional<std::string> message;
    Tsid pool_id;
};
BOOST_DESCRIBE_STRUCT(
    PoolView, (DispatchPoolFacts), (mediator_type, queue_capacity, enabled, message, pool_id))

/// `/api/dispatch-pools`.
class DispatchPoolApi {
public:
    struct Parts {
        Catalog* catalog;
        store::MessageLog* messages;
    };
    explicit DispatchPoolApi(Parts parts) : catalog_(parts.catalog), messages_(parts.messages) {}
    http::Routes routes();

private:
    using PoolPage = http::Page<PoolView, "pools">;
    using PoolRule = Result<void> (*)(DispatchPool&, TimePoint);

    PoolPage list(http::Caller caller, ListPools query) const;
    Result<PoolView> get(http::Caller caller, NamedPool which) const;
    Task<Result<http::Created<PoolView>>> create(http::Request request, CreatePool body);
    Task<Result<PoolView>> edit(http::Caller caller, EditPool body);
    Task<Result<void>> remove(http::Caller caller, NamedPool which);
    Task<Result<PoolView>> archive(http::Caller caller, NamedPool which);

    Result<PoolPtr> find(const http::Caller& caller, const std::string& id_or_code) const;
    Task<Result<PoolView>> change(Result<PoolPtr> pool, resource::Rule<DispatchPool> rule);
    /// Both: DISPATCH_POOL_IN_USE, naming subscriptions. The first of those whose pool it is, the second of
    /// those with jobs of their own choice in it.
    Result<void> check_unused(const DispatchPool& pool) const;
    Task<Result<void>> check_no_jobs(Tsid pool);
    Task<Result<PoolView>> act(Result<PoolPtr> pool, resource::Rule<DispatchPool> rule, std::string message);
    /// A handler that applies a rule.
    auto follow(PoolRule rule, const char* message);

    Catalog* catalog_;
    store::MessageLog* messages_;
};

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::ListPools> {
    static constexpr auto names = std::tuple{
        alias(&fc::messaging::ListPools::status, "statuses"),
        alias(&fc::messaging::ListPools::client_id, "clientIds")};
};

/// Earlier editions call it `rateLimit` in requests and `rateLimitPerMin` in answers.
template <>
struct fc::codec::Rules<fc::messaging::PoolView> {
    static constexpr auto names =
        std::tuple{spelling(&fc::messaging::PoolView::rate_limit_per_min, "rateLimit")};
};
template <>
struct fc::codec::Rules<fc::messaging::CreatePool> {
    static void check(const fc::messaging::CreatePool& body, Faults<fc::messaging::CreatePool>& faults);
};
template <>
struct fc::codec::Rules<fc::messaging::EditPool> {
    static void check(const fc::messaging::EditPool& body, Faults<fc::messaging::EditPool>& faults);
};
