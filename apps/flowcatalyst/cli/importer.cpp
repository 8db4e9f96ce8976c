#include "flowcatalyst/cli/importer.h"

#include "flowcatalyst/cli/local.h"
#include "messaging/dispatch_pool/dispatch_pool.h"
#include "messaging/subscription/subscription.h"
#include "runtime/fault.h"

namespace fc::cli {
namespace {

using messaging::DispatchPool;
using messaging::Subscription;

constexpr std::size_t events_a_commit = 100;

}  // namespace

Task<> Importer::take(std::string text) {
    ++line_;
    if (codec::trim(text).empty()) co_return;
    auto line = parse_line(text);
    Result<void> taken;
    if (!line) {
        taken = line.error();
    } else if (line->kind == event_kind) {
        taken = co_await take_event(std::move(*line));
    } else {
        taken = co_await take_entity(std::move(*line));
    }
    if (taken) co_return;
    ++counts_.faulty;
    refused_(line_, explain(taken.error()));
}

Task<> Importer::finish() {
    const auto events = waiting_.size();
    auto batch = std::exchange(waiting_, {});
    const auto stored = co_await store_.messages().append(std::move(batch));
    fault_point("inside-import");
    std::size_t duplicates = 0;
    for (const auto& each : stored) duplicates += each.duplicate ? 1 : 0;
    counts_.present += duplicates;
    counts_.stored += events - duplicates;
}

Task<Result<void>> Importer::take_event(TransferLine line) {
    auto event = event_of(line);
    if (!event) co_return event.error();
    const auto known = co_await store_.messages().find_event(event->id);
    bool is_waiting = false;
    for (const auto& each : waiting_) is_waiting = is_waiting || each.event.id == event->id;
    if (known || is_waiting) {
        ++counts_.present;
        co_return Result<void>();
    }
    waiting_.push_back({std::move(*event), {}});
    if (waiting_.size() >= events_a_commit) co_await finish();
    co_return Result<void>();
}

Task<Result<void>> Importer::take_entity(TransferLine line) {
    auto entity = entity_of(line);
    if (!entity) co_return entity.error();
    const auto known = co_await store_.documents().find(line.kind, entity->id);
    if (known) {
        ++counts_.present;
        co_return Result<void>();
    }
    if (line.kind == store::Collection<DispatchPool>::name && !entity->client_id &&
        entity->code == "default") {
        const auto here = co_await default_pool();
        if (here) {
            pools_[entity->id] = *here;
            ++counts_.present;
            co_return Result<void>();
        }
    }
    if (line.kind == store::Collection<Subscription>::name) adapt(line, *entity);
    std::vector<store::Change> changes;
    changes.push_back({store::Change::Kind::insert, line.kind, std::move(*entity)});
    const auto stored = co_await store_.documents().commit(std::move(changes));
    if (!stored) co_return stored.error();
    ++counts_.stored;
    co_return Result<void>();
}

void Importer::adapt(const TransferLine& line, store::Document& entity) {
    auto subscription = codec::from_json<Subscription>(entity.text).value();
    if (codec::from_json<Subscription>(line.content.text)->signing_secret.empty()) ++counts_.new_secrets;
    const auto moved = pools_.find(subscription.dispatch_pool_id);
    if (moved == pools_.end()) return;
    subscription.dispatch_pool_id = moved->second;
    entity.text = codec::to_json(subscription, codec::Reveal::yes);
}

Task<std::optional<Tsid>> Importer::default_pool() {
    const auto pools = co_await store_.documents().load(std::string(store::Collection<DispatchPool>::name));
    for (const auto& pool : pools) {
        if (!pool.client_id && pool.code == "default") co_return pool.id;
    }
    co_return std::nullopt;
}

}  // namespace fc::cli
