#include "messaging/list_request.h"

namespace fc::messaging {

namespace {

/// False: the caller may see nothing.
bool fill(store::MessageQuery& query, const ListMessages& request, const http::Caller& caller) {
    if (caller.scope != http::Scope::anchor) {
        if (!caller.client_id) return false;
        query.client_ids = {*caller.client_id};
    } else if (!request.client_ids.empty()) {
        query.client_ids.emplace();
        for (const auto& choice : request.client_ids) query.client_ids->push_back(choice.id);
    }
    query.applications = request.applications;
    query.subdomains = request.subdomains;
    query.aggregates = request.aggregates;
    query.source = request.source;
    query.subject = request.subject;
    query.text = request.text;
    query.correlation_id = request.correlation_id;
    query.message_group = request.message_group;
    query.created_after = request.created_after;
    query.created_before = request.created_before;
    return true;
}

}  // namespace

std::optional<store::EventQuery> query_of(const ListEvents& request, const http::Caller& caller) {
    store::EventQuery query;
    if (!fill(query, request, caller)) return std::nullopt;
    query.types = request.types;
    query.deduplication_id = request.deduplication_id;
    query.time_after = request.time_after;
    query.time_before = request.time_before;
    return query;
}

Result<std::optional<store::JobQuery>> query_of(
    const ListDispatchJobs& request, const http::Caller& caller, const Catalog& catalog) {
    store::JobQuery query;
    const auto client_id = caller.client_id ? Tsid{*caller.client_id} : Tsid{};
    for (const auto& id_or_code : request.dispatch_pool_ids) {
        const auto pool = catalog.find_pool(client_id, id_or_code);
        // A pool that is gone still has its jobs.
        const auto id = pool ? std::optional<Tsid>(pool->id) : Tsid::parse(id_or_code);
        if (!id) {
            return codec::validation_failed(
                {{"/dispatchPoolIds", "'" + id_or_code + "' names no dispatch pool"}});
        }
        query.pools.push_back(*id);
    }
    if (!fill(query, request, caller)) return std::optional<store::JobQuery>();
    query.types = request.codes;
    for (const auto kind : request.kinds) query.kinds.push_back(codec::Traits<JobKind>::text(kind));
    query.statuses = request.statuses;
    query.owners = request.subscription_ids;
    query.event_id = request.event_id;
    query.operation = request.bulk_operation_id;
    query.never_attempted = request.never_attempted;
    return std::optional(std::move(query));
}

store::PageRequest page_request(const ListMessages& request) {
    store::PageRequest page;
    page.page = request.page.value();
    page.size = request.size.value();
    page.after = request.cursor;
    return page;
}

}  // namespace fc::messaging
