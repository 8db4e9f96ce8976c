#include "messaging/dispatch_pool/dispatch_pool_api.h"

#include "codec/json.h"
#include "resource/assign.h"
#include "resource/tenancy.h"

#include <algorithm>
#include <utility>

namespace fc::messaging {
namespace {

void assign(DispatchPool& pool, PoolFields fields) {
    using resource::is_changed_by;
    if (is_changed_by(fields.rate_limit, fields.rate_limit_per_min, pool.rate_limit_per_min))
        fields.rate_limit_per_min = fields.rate_limit;
    resource::assign(pool, fields);
}

PoolView view(const DispatchPool& pool) {
    PoolView view;
    static_cast<DispatchPoolFacts&>(view) = pool;
    if (pool.status == PoolStatus::active) view.enabled = true;
    return view;
}

Error in_use(const std::string& how, const std::vector<std::string>& subscriptions) {
    constexpr std::size_t named_max = 10;
    std::string names;
    for (std::size_t at = 0; at < std::min(subscriptions.size(), named_max); ++at)
        names += (at == 0 ? "\"" : ", \"") + subscriptions[at] + '"';
    if (subscriptions.size() > named_max)
        names += " and " + std::to_string(subscriptions.size() - named_max) + " more";
    return conflict("DISPATCH_POOL_IN_USE", how + ": " + names);
}

}  // namespace

auto DispatchPoolApi::follow(PoolRule rule, const char* message) {
    return [this, rule, message](http::Caller caller, NamedPool which) {
        return act(find(caller, which.id), rule, message);
    };
}

http::Routes DispatchPoolApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:dispatch-pool:view"};
    constexpr http::Permission may_create{"platform:messaging:dispatch-pool:create"};
    constexpr http::Permission may_update{"platform:messaging:dispatch-pool:update"};
    constexpr http::Permission may_delete{"platform:messaging:dispatch-pool:delete"};
    http::Routes routes("/api/dispatch-pools", "Dispatch Pools");
    routes.get("", "List dispatch pools", bind(this, &DispatchPoolApi::list), may_read);
    routes.get("/{id}", "Get a dispatch pool", bind(this, &DispatchPoolApi::get), may_read);
    routes.post("", "Create a dispatch pool", bind(this, &DispatchPoolApi::create), may_create)
        .example(R"({"code": "billing", "name": "Billing", "concurrency": 10, "rateLimitPerMin": 600})")
        .reads(resource::client_header);
    routes.put("/{id}", "Edit a dispatch pool", bind(this, &DispatchPoolApi::edit), may_update)
        .example(R"({"concurrency": 20, "rateLimitPerMin": null})");
    routes.patch("/{id}", "Patch a dispatch pool", bind(this, &DispatchPoolApi::edit), may_update)
        .example(R"({"description": "The billing system takes 600 a minute"})");
    routes.remove("/{id}", "Delete a dispatch pool", bind(this, &DispatchPoolApi::remove), may_delete);
    routes.post("/{id}/suspend", "Suspend a dispatch pool", follow(suspend, "suspended"), may_update)
        .says("Holds its jobs, in order and without ageing, until it is activated.");
    routes.post("/{id}/activate", "Activate a dispatch pool", follow(activate, "activated"), may_update);
    routes.post(
        "/{id}/archive", "Archive a dispatch pool", bind(this, &DispatchPoolApi::archive), may_update);
    return routes;
}

DispatchPoolApi::PoolPage DispatchPoolApi::list(http::Caller caller, ListPools query) const {
    auto pools = catalog_->pools().all(caller);
    std::erase_if(pools, [&](const PoolPtr& pool) {
        return !resource::is_open_or_has(query.status, pool->status) ||
               !resource::is_open_or_has(query.client_id, pool->client_id) ||
               (query.anchor_level && *query.anchor_level == bool(pool->client_id)) ||
               !(resource::has_text(pool->name, query.text) ||
                 resource::has_text(pool->code.text(), query.text));
    });
    std::ranges::sort(
        pools, {}, [](const PoolPtr& pool) { return std::pair(pool->code.text(), pool->id.value); });
    return resource::page_of<"pools">(pools, query, [](const PoolPtr& pool) { return view(*pool); });
}

Result<PoolPtr> DispatchPoolApi::find(const http::Caller& caller, const std::string& id_or_code) const {
    if (const auto id = Tsid::parse(id_or_code)) {
        if (auto pool = catalog_->pools().get(caller, *id)) return pool;
    }
    const auto client_id = caller.client_id ? Tsid{caller.client_id->value} : Tsid{};
    auto pool = catalog_->find_pool(client_id, id_or_code);
    if (!pool || !resource::sees(caller, pool->client_id)) return catalog_->pools().missing(id_or_code);
    return pool;
}

Result<PoolView> DispatchPoolApi::get(http::Caller caller, NamedPool which) const {
    return view(*find(caller, which.id).value());
}

Task<Result<http::Created<PoolView>>> DispatchPoolApi::create(http::Request request, CreatePool body) {
    const auto owner = resource::owner_of_new(request, body.client_id);
    DispatchPool pool;
    pool.client_id = owner.value();
    assign(pool, body);
    if (pool.name.empty()) pool.name = body.code->text();
    auto rule = [this, code = body.code](DispatchPool& one, TimePoint) -> Result<void> {
        one.code = code ? *code : resource::free_code(catalog_->pools(), one.client_id, one.name);
        return {};
    };
    auto stored = (co_await catalog_->pools().insert(std::move(pool), std::move(rule))).value();
    http::Created<PoolView> answer;
    answer.body = view(*stored);
    co_return answer;
}

Task<Result<PoolView>> DispatchPoolApi::edit(http::Caller caller, EditPool body) {
    const auto pool = find(caller, body.id);
    auto rule = [fields = PoolFields(std::move(body))](DispatchPool& one, TimePoint) -> Result<void> {
        if (one.status == PoolStatus::archived)
            return conflict("DISPATCH_POOL_ARCHIVED", "an archived pool cannot be edited");
        assign(one, fields);
        return {};
    };
    co_return co_await change(pool, std::move(rule));
}

Task<Result<PoolView>> DispatchPoolApi::change(Result<PoolPtr> pool, resource::Rule<DispatchPool> rule) {
    const auto id = pool.value()->id;
    const auto changed = co_await catalog_->pools().change(id, std::move(rule));
    co_return view(*changed.value());
}

Task<Result<PoolView>> DispatchPoolApi::act(
    Result<PoolPtr> pool, resource::Rule<DispatchPool> rule, std::string message) {
    auto changed = (co_await change(std::move(pool), std::move(rule))).value();
    changed.message = "the dispatch pool was " + message;
    changed.pool_id = changed.id;
    co_return changed;
}

Result<void> DispatchPoolApi::check_unused(const DispatchPool& pool) const {
    std::vector<std::string> users;
    for (const auto& subscription : catalog_->subscriptions().all()) {
        if (subscription->dispatch_pool_id == pool.id) users.push_back(subscription->code.text());
    }
    if (!users.empty()) return in_use("it is the dispatch pool of the subscriptions", users);
    return {};
}

Task<Result<void>> DispatchPoolApi::check_no_jobs(Tsid pool) {
    std::vector<std::string> owners;
    for (const auto& lane : co_await messages_->lanes()) {
        if (lane.pool_id != pool) continue;
        const auto subscription = catalog_->find_subscription(lane.owner);
        owners.push_back(subscription ? subscription->code.text() : lane.owner.to_string());
    }
    if (!owners.empty()) co_return in_use("it has open dispatch jobs of the subscriptions", owners);
    co_return Result<void>();
}

Task<Result<PoolView>> DispatchPoolApi::archive(http::Caller caller, NamedPool which) {
    auto rule = [this](DispatchPool& pool, TimePoint now) -> Result<void> {
        if (auto unused = check_unused(pool); !unused) return unused;
        return messaging::archive(pool, now);
    };
    const auto pool = find(caller, which.id).value();
    const auto free = co_await check_no_jobs(pool->id);
    if (!free) co_return free.error();
    co_return co_await act(pool, std::move(rule), "archived");
}

Task<Result<void>> DispatchPoolApi::remove(http::Caller caller, NamedPool which) {
    const auto id = find(caller, which.id).value()->id;
    auto rule = [this](DispatchPool& pool, TimePoint) -> Result<void> {
        if (is_default(pool))
            return conflict("DEFAULT_POOL", "the platform's default pool cannot be deleted");
        return check_unused(pool);
    };
    const auto free = co_await check_no_jobs(id);
    if (!free) co_return free.error();
    const auto removed = co_await catalog_->pools().remove(id, std::move(rule));
    removed.value();
    co_return Result<void>();
}

}  // namespace fc::messaging

namespace fc::codec {

using messaging::CreatePool;
using messaging::EditPool;
using messaging::PoolFields;

void Rules<CreatePool>::check(const CreatePool& body, Faults<CreatePool>& faults) {
    const bool has_name = body.name && !body.name->empty();
    faults.expect(has_name || body.code, &PoolFields::name, "is required");
}

void Rules<EditPool>::check(const EditPool& body, Faults<EditPool>& faults) {
    faults.expect(!body.name || !body.name->empty(), &PoolFields::name, "must not be empty");
}

}  // namespace fc::codec
