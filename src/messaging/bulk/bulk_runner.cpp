#include "messaging/bulk/bulk_runner.h"

#include "runtime/fault.h"
#include "runtime/log.h"

#include <boost/asio/redirect_error.hpp>

namespace fc::messaging {
namespace {

/// Ends when the timer does, or is cancelled.
Task<> wait_on(Timer& timer) {  // NOLINT(cppcoreguidelines-avoid-reference-coroutine-parameters): a member's
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(use_task, cancelled);
    co_await timer.async_wait(token);
}

}  // namespace

BulkRunner::BulkRunner(Parts parts)
    : parts_(parts),
      work_(parts.work),
      operations_({parts.documents, parts.work.clock, parts.work.ids, &turns_}),
      tasks_(parts.executor, "bulk operations"),
      stopped_(parts.executor) {
    operations_.on_change([this](const BulkOperationPtr& before, const BulkOperationPtr& after) {
        // A pause or a stop ends the wait too, so that the work looks again.
        const bool is_asked = before && (!after || before->state != after->state);
        const auto found = is_asked ? working_.find(before->id) : working_.end();
        if (found != working_.end()) found->second.cancel();
        go_on();
    });
}

Task<BulkCount> BulkRunner::count(BulkOperation operation) {
    return work_.count(std::make_shared<const BulkOperation>(std::move(operation)));
}

BulkState BulkRunner::state_of(const BulkOperation& operation) const {
    if (operation.state != BulkState::running) return operation.state;
    std::size_t earlier = 0;
    for (const auto& other : operations_.all()) {
        if (other->id >= operation.id) break;
        const bool is_before = other->state == BulkState::running && other->client_id == operation.client_id;
        if (is_before) ++earlier;
    }
    return earlier < bulk_running_max ? BulkState::running : BulkState::queued;
}

Task<> BulkRunner::run() {
    is_running_ = true;
    go_on();
    stopped_.expires_at(Timer::time_point::max());
    co_await wait_on(stopped_);
}

Task<> BulkRunner::stop(Millis deadline) {
    is_running_ = false;
    for (auto& [id, wait] : working_) wait.cancel();
    co_await tasks_.drain(deadline);
    stopped_.cancel();
}

void BulkRunner::go_on() {
    if (!is_running_) return;
    std::map<Tsid, std::size_t> running;
    for (const auto& operation : operations_.all()) {
        if (operation->state != BulkState::running) continue;
        if (++running[operation->client_id] > bulk_running_max) continue;
        if (working_.try_emplace(operation->id, parts_.executor).second) tasks_.spawn(work(operation->id));
    }
}

Task<> BulkRunner::work(Id<BulkOperation> id) {
    auto& wait = working_.at(id);
    while (is_running_) {
        const auto operation = operations_.find(id);
        if (!operation || state_of(*operation) != BulkState::running) break;
        auto pause = parts_.retry_wait;
        std::string broken;
        try {
            pause = co_await step(operation);
        } catch (const boost::system::system_error& failure) {
            log::warn("a bulk operation waits", {{"operation", id}, {"reason", failure.what()}});
        } catch (const Failure& failure) {
            broken = failure.what();
        }
        if (!broken.empty()) co_await give_up(id, std::move(broken));
        if (!is_running_ || pause == Millis{0}) continue;
        wait.expires_after(pause);
        co_await wait_on(wait);
    }
    working_.erase(id);
    // It may have been resumed while its last step ended.
    go_on();
}

Task<Millis> BulkRunner::step(BulkOperationPtr operation) {
    const auto begun = parts_.work.clock->now();
    const auto done = co_await work_.act(operation);
    auto next = co_await work_.look(operation);
    fault_point("before-bulk-progress");
    auto rule = [done, next = std::move(next)](BulkOperation& one, TimePoint now) -> Result<void> {
        advance(one, done, next, now);
        return {};
    };
    (co_await operations_.change(operation->id, std::move(rule))).value();
    const auto taken = parts_.work.clock->now() - begun;
    co_return std::max(Millis{0}, time_of(operation->rate_per_minute, done.changed + done.failed) - taken);
}

Task<> BulkRunner::give_up(Id<BulkOperation> id, std::string reason) {
    log::error("a bulk operation failed", {{"operation", id}, {"reason", reason}});
    auto rule = [reason = std::move(reason)](BulkOperation& one, TimePoint now) -> Result<void> {
        fail(one, reason, now);
        return {};
    };
    co_await operations_.change(id, std::move(rule));
}

}  // namespace fc::messaging
