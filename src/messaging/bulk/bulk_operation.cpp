#include "messaging/bulk/bulk_operation.h"

#include "messaging/texts.h"

#include <algorithm>

namespace fc::messaging {
namespace {

void end(BulkOperation& operation, BulkState state, TimePoint now) {
    operation.state = state;
    operation.ended_at = now;
    operation.step.clear();
}

template <class Query>
Query message_query(const BulkOperation& operation) {
    const auto& filter = operation.filter;
    Query query;
    if (operation.client_id)
        query.client_ids = std::vector{operation.client_id};
    else if (!filter.client_ids.empty())
        query.client_ids = filter.client_ids;
    query.types = filter.types;
    query.applications = filter.applications;
    query.subdomains = filter.subdomains;
    query.aggregates = filter.aggregates;
    query.source = filter.source;
    query.subject = filter.subject;
    query.message_group = filter.message_group;
    query.correlation_id = filter.correlation_id;
    query.created_after = filter.from;
    query.created_before = filter.to;
    return query;
}

}  // namespace

bool has_ended(const BulkOperation& operation) {
    return operation.state != BulkState::running && operation.state != BulkState::paused;
}

Result<void> pause(BulkOperation& operation, TimePoint) {
    if (operation.state != BulkState::running)
        return conflict("BULK_OPERATION_NOT_RUNNING", "the bulk operation is not running");
    operation.state = BulkState::paused;
    return {};
}

Result<void> resume(BulkOperation& operation, TimePoint) {
    if (operation.state != BulkState::paused)
        return conflict("BULK_OPERATION_NOT_PAUSED", "the bulk operation is not paused");
    operation.state = BulkState::running;
    return {};
}

Result<void> stop(BulkOperation& operation, TimePoint now) {
    if (has_ended(operation)) return conflict("BULK_OPERATION_ENDED", "the bulk operation has ended already");
    end(operation, BulkState::stopped, now);
    return {};
}

Result<void> must_have_ended(BulkOperation& operation, TimePoint) {
    if (!has_ended(operation))
        return conflict("BULK_OPERATION_NOT_ENDED", "the bulk operation has not ended: stop it first");
    return {};
}

void advance(BulkOperation& operation, const BulkTally& done, BulkPage next, TimePoint now) {
    auto& progress = operation.progress;
    progress.processed += done.processed;
    progress.changed += done.changed;
    progress.failed += done.failed;
    for (const auto& [reason, count] : done.skipped) progress.skipped[reason] += count;
    if (has_ended(operation)) return;
    operation.step = std::move(next.ids);
    operation.cursor = next.cursor;
    operation.is_walked = next.is_last;
    const bool is_done = operation.is_walked && operation.step.empty();
    if (is_done && operation.state == BulkState::running) end(operation, BulkState::completed, now);
}

void fail(BulkOperation& operation, std::string error, TimePoint now) {
    if (has_ended(operation)) return;
    end(operation, BulkState::failed, now);
    operation.error = std::move(error);
}

std::size_t step_size(BulkRate rate) {
    return std::clamp<std::size_t>(static_cast<std::size_t>(rate.value()) / 60, 1, bulk_step_max);
}

Millis time_of(BulkRate rate, std::int64_t changes) {
    constexpr std::int64_t minute = 60'000;
    return Millis{changes * minute / rate.value()};
}

store::JobQuery job_query(const BulkOperation& operation) {
    auto query = message_query<store::JobQuery>(operation);
    query.owners = operation.filter.subscription_ids;
    for (const auto& id : operation.filter.dispatch_pool_ids) query.pools.push_back(Tsid::parse(id).value());
    query.statuses = operation.filter.statuses;
    const auto usual =
        operation.kind == BulkKind::retry ? store::JobStatus::error : store::JobStatus::pending;
    if (query.statuses.empty()) query.statuses.push_back(usual);
    query.never_attempted = operation.filter.never_attempted;
    return query;
}

store::EventQuery event_query(const BulkOperation& operation) {
    return message_query<store::EventQuery>(operation);
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::BulkFilter>::check(
    const messaging::BulkFilter& filter, Faults<messaging::BulkFilter>& faults) {
    using messaging::BulkFilter;
    messaging::check_texts(
        filter,
        faults,
        {&BulkFilter::source, &BulkFilter::subject, &BulkFilter::message_group, &BulkFilter::correlation_id});
    const bool in_order = !filter.from || !filter.to || *filter.from <= *filter.to;
    faults.expect(in_order, &BulkFilter::to, "must not be before from");
    constexpr std::size_t list_max = 100;
    const auto bound = [&](auto member) {
        faults.expect((filter.*member).size() <= list_max, member, "must be at most 100");
    };
    bound(&BulkFilter::client_ids);
    bound(&BulkFilter::types);
    bound(&BulkFilter::applications);
    bound(&BulkFilter::subdomains);
    bound(&BulkFilter::aggregates);
    bound(&BulkFilter::subscription_ids);
    bound(&BulkFilter::dispatch_pool_ids);
    bound(&BulkFilter::statuses);
}

}  // namespace fc::codec
