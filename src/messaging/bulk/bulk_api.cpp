#include "messaging/bulk/bulk_api.h"

#include "resource/tenancy.h"

#include <algorithm>
#include <utility>

namespace fc::messaging {
namespace {

std::vector<BulkOperationPtr> of_client(const BulkRunner& runner, Tsid client_id, bool ended) {
    auto operations = runner.operations().all();
    std::erase_if(operations, [&](const BulkOperationPtr& one) {
        return one->client_id != client_id || has_ended(*one) != ended;
    });
    return operations;
}

}  // namespace

auto BulkApi::follow(Result<void> (*rule)(BulkOperation&, TimePoint)) {
    return [this, rule](http::Caller caller, BulkOperationById which) {
        return change(std::move(caller), which.id, rule);
    };
}

http::Routes BulkApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:bulk-operation:view"};
    constexpr http::Permission may_create{"platform:messaging:bulk-operation:create"};
    constexpr http::Permission may_update{"platform:messaging:bulk-operation:update"};
    constexpr http::Permission may_delete{"platform:messaging:bulk-operation:delete"};
    const std::vector<int> started_or_counted{201, 200};
    http::Routes routes("/api/bulk-operations", "Bulk Operations");
    routes.get("", "List bulk operations", bind(this, &BulkApi::list), may_read);
    routes.get("/{id}", "Get a bulk operation", bind(this, &BulkApi::get), may_read);
    routes.post("", "Start a bulk operation", bind(this, &BulkApi::start), may_create)
        .example(R"({"kind": "RETRY", "dryRun": true, "ratePerMinute": 6000,
  "filter": {"from": "2026-01-31T00:00:00Z", "subscriptionIds": ["0HZXEQ5Y8JY5Z"], "statuses": ["ERROR"]}})")
        .answers_with(started_or_counted);
    routes.post("/{id}/pause", "Pause a bulk operation", follow(messaging::pause), may_update);
    routes.post("/{id}/resume", "Resume a bulk operation", follow(messaging::resume), may_update);
    routes.post("/{id}/stop", "Stop a bulk operation", follow(messaging::stop), may_update);
    routes.remove("/{id}", "Delete a bulk operation", bind(this, &BulkApi::remove), may_delete);
    http::Routes of_subscription("/api/subscriptions", "Subscriptions");
    of_subscription
        .post("/{id}/backfill", "Backfill a subscription", bind(this, &BulkApi::backfill), may_create)
        .example(R"({"from": "2026-01-31T00:00:00Z", "dryRun": true})")
        .answers_with(started_or_counted);
    return std::move(routes.add(std::move(of_subscription)));
}

BulkSummary BulkApi::view(const BulkOperation& operation) const {
    BulkSummary view = operation;
    view.state = parts_.runner->state_of(operation);
    return view;
}

BulkApi::OperationPage BulkApi::list(http::Caller caller, ListBulkOperations query) const {
    std::vector<BulkSummary> shown;
    for (const auto& one : parts_.runner->operations().all(caller)) {
        const bool is_asked = (!query.kind || one->kind == *query.kind) &&
                              (!query.client_id || one->client_id == *query.client_id);
        if (!is_asked) continue;
        auto summary = view(*one);
        if (!query.state || summary.state == *query.state) shown.push_back(std::move(summary));
    }
    std::ranges::reverse(shown);  // newest first
    return resource::page_of<"bulkOperations">(shown, query, [](const BulkSummary& one) { return one; });
}

Result<BulkSummary> BulkApi::get(http::Caller caller, BulkOperationById which) const {
    return view(*parts_.runner->operations().get(caller, which.id).value());
}

Task<bool> BulkApi::has_jobs(Tsid client_id, store::JobQuery query) {
    if (client_id) query.client_ids = std::vector{client_id};
    store::PageRequest one;
    one.size = 1;
    one.counts = false;
    const auto found = co_await parts_.search->jobs(std::move(query), one);
    co_return !found.rows.empty() || found.next;
}

Task<bool> BulkApi::names_subscription(http::Caller caller, BulkKind kind, Tsid client_id, Tsid id) {
    const auto there = parts_.catalog->subscriptions().get(caller, id);
    if (kind == BulkKind::replay) co_return there && (!client_id || (*there)->client_id == client_id);
    if (there) co_return true;
    store::JobQuery of_it;
    of_it.owners = {id};
    co_return co_await has_jobs(client_id, std::move(of_it));
}

Task<std::optional<Tsid>> BulkApi::find_pool(http::Caller caller, Tsid client_id, std::string id_or_code) {
    if (const auto pool = parts_.catalog->find_pool(client_id, id_or_code)) co_return pool->id;
    const auto id = Tsid::parse(id_or_code);
    if (!id || parts_.catalog->pools().get(caller, *id)) co_return id;
    store::JobQuery of_it;
    of_it.pools = {*id};
    const bool is_known = co_await has_jobs(client_id, std::move(of_it));
    co_return is_known ? id : std::nullopt;
}

Task<Result<BulkOperation>> BulkApi::resolve(http::Caller caller, BulkOperation operation) {
    std::vector<FieldError> faults;
    const auto refuse = [&](const char* list, std::size_t at, const char* detail) {
        faults.push_back({"/filter/" + std::string(list) + '/' + std::to_string(at), detail});
    };
    const auto client_id = operation.client_id;
    const auto wanted = operation.filter;
    for (std::size_t at = 0; at < wanted.client_ids.size(); ++at) {
        if (client_id && wanted.client_ids[at] != client_id)
            refuse("clientIds", at, "you do not work for that client");
    }
    // What is gone still has its jobs.
    for (std::size_t at = 0; at < wanted.subscription_ids.size(); ++at) {
        const bool is_known =
            co_await names_subscription(caller, operation.kind, client_id, wanted.subscription_ids[at]);
        if (!is_known) refuse("subscriptionIds", at, "names no subscription");
    }
    for (std::size_t at = 0; at < wanted.dispatch_pool_ids.size(); ++at) {
        const auto id = co_await find_pool(caller, client_id, wanted.dispatch_pool_ids[at]);
        if (!id) refuse("dispatchPoolIds", at, "names no dispatch pool");
        operation.filter.dispatch_pool_ids[at] = id.value_or(Tsid{}).to_string();
    }
    if (!faults.empty()) co_return codec::validation_failed(std::move(faults));
    co_return operation;
}

Task<Result<BulkApi::Started>> BulkApi::start(http::Request request, StartBulk body) {
    const auto client_id = resource::owner_of_new(request, std::nullopt);
    if (!client_id) co_return client_id.error();
    const auto& caller = request.caller();
    if (!resource::sees(caller, *client_id))
        co_return Error{ErrorKind::forbidden, "CLIENT_FORBIDDEN", "you work for no client", {}};
    BulkOperation operation;
    operation.client_id = *client_id;
    operation.kind = body.kind;
    operation.filter = std::move(body.filter);
    operation.rate_per_minute = body.rate_per_minute;
    operation.started_by = caller.name;
    auto resolved = co_await resolve(caller, std::move(operation));
    co_return co_await count_and_start(std::move(resolved.value()), body.dry_run);
}

Task<Result<BulkApi::Started>> BulkApi::backfill(http::Caller caller, Backfill body) {
    const auto subscription = parts_.catalog->subscriptions().get(caller, body.id).value();
    BulkOperation operation;
    operation.client_id = subscription->client_id;
    operation.kind = BulkKind::replay;
    operation.filter.from = body.from;
    operation.filter.to = body.to;
    operation.filter.subscription_ids = {subscription->id};
    operation.filter.never_attempted = true;
    operation.rate_per_minute = body.rate_per_minute;
    operation.started_by = caller.name;
    co_return co_await count_and_start(std::move(operation), body.dry_run);
}

Task<Result<BulkApi::Started>> BulkApi::count_and_start(BulkOperation operation, bool dry_run) {
    // What comes later is not meant: an operation ends, however much flows meanwhile.
    const auto now = parts_.clock->now();
    operation.filter.to = std::min(now, operation.filter.to.value_or(now));
    auto counted = operation;
    auto count = co_await parts_.runner->count(std::move(counted));
    Started answer;
    answer.body.dry_run = dry_run;
    answer.body.matched = count.matched;
    answer.body.matched_is_exact = count.is_exact;
    answer.body.sample = std::move(count.sample);
    if (dry_run) co_return answer;
    operation.progress.matched = count.matched;
    operation.progress.matched_is_exact = count.is_exact;
    const auto client_id = operation.client_id;
    auto rule = [this](BulkOperation& one, TimePoint) -> Result<void> {
        if (of_client(*parts_.runner, one.client_id, false).size() < bulk_open_max) return {};
        return conflict(
            "TOO_MANY_BULK_OPERATIONS",
            "there are " + std::to_string(bulk_open_max) + " bulk operations that have not ended");
    };
    const auto stored = co_await parts_.runner->operations().insert(std::move(operation), std::move(rule));
    if (!stored) co_return stored.error();
    co_await remove_oldest(client_id);
    answer.status = 201;
    answer.headers.emplace_back("Location", "/api/bulk-operations/" + (*stored)->id.to_string());
    answer.body.operation = view(**stored);
    co_return answer;
}

Task<> BulkApi::remove_oldest(Tsid client_id) {
    const auto ended = of_client(*parts_.runner, client_id, true);
    if (ended.size() <= bulk_ended_max) co_return;
    // Another request may have removed it meanwhile.
    co_await parts_.runner->operations().remove(ended.front()->id, must_have_ended);
}

Task<Result<BulkSummary>> BulkApi::change(
    http::Caller caller, Tsid id, Result<void> (*rule)(BulkOperation&, TimePoint)) {
    auto& operations = parts_.runner->operations();
    const auto own = operations.get(caller, id).value()->id;
    const auto changed = co_await operations.change(own, rule);
    co_return view(*changed.value());
}

Task<Result<void>> BulkApi::remove(http::Caller caller, BulkOperationById which) {
    auto& operations = parts_.runner->operations();
    const auto own = operations.get(caller, which.id).value()->id;
    const auto removed = co_await operations.remove(own, must_have_ended);
    removed.value();
    co_return Result<void>();
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::StartBulk>::check(
    const messaging::StartBulk& body, Faults<messaging::StartBulk>& faults) {
    using messaging::BulkKind;
    using store::JobStatus;
    const auto& filter = body.filter;
    const bool narrows = codec::to_json(filter) != codec::to_json(messaging::BulkFilter{});
    faults.expect(
        narrows != body.all,
        &messaging::StartBulk::filter,
        body.all ? "must not be given together with all"
                 : "must narrow it down; for everything, all is true");
    const bool ends_jobs = body.kind == BulkKind::cancel;
    const bool can_end = std::ranges::none_of(filter.statuses, [](JobStatus status) {
        return status == JobStatus::completed || status == JobStatus::cancelled;
    });
    faults.expect(
        !ends_jobs || can_end,
        &messaging::StartBulk::filter,
        "has statuses that cannot be cancelled: PENDING, QUEUED, IN_PROGRESS and ERROR can");
    const bool makes_jobs = body.kind == BulkKind::replay;
    faults.expect(
        !makes_jobs || (filter.statuses.empty() && filter.dispatch_pool_ids.empty()),
        &messaging::StartBulk::filter,
        "has statuses or dispatchPoolIds, which events have not");
}

void Rules<messaging::Backfill>::check(const messaging::Backfill& body, Faults<messaging::Backfill>& faults) {
    faults.expect(!body.to || body.from <= *body.to, &messaging::Backfill::to, "must not be before from");
}

}  // namespace fc::codec
