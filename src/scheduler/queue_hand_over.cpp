#include "scheduler/queue_hand_over.h"

#include "base/encoding.h"
#include "protocol/dispatch_message.h"
#include "runtime/log.h"
#include "scheduler/processing_api.h"

namespace fc::scheduler {
namespace {

constexpr Millis publish_retry_wait{1'000};
constexpr std::size_t publish_max = 500;

}  // namespace

QueueHandOver::QueueHandOver(QueueHandOverSettings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(parts),
      tasks_(parts.executor, "queue hand-over") {}

Task<> QueueHandOver::stop(Millis deadline) {
    tasks_.cancel();
    co_await tasks_.drain(deadline);
}

queue::OutgoingMessage QueueHandOver::message_for(const std::string& pool_key, const HeldJob& job) {
    const auto id = job.job.id.to_string();
    protocol::DispatchMessage pointer;
    pointer.id = id;
    pointer.pool_code = pool_key;
    pointer.auth_token = Secret(processing_token(settings_.app_key, id));
    pointer.mediation_target = settings_.processing_url;
    // Only heads are handed over, so the queue has no order to keep; retries of one job share a group.
    pointer.message_group_id = id;
    auto message_id = id + "-" + settings_.start_id.to_string() + "-" + std::to_string(++published_);
    return {queue::PoolSubject::of_pool(pool_key), std::move(message_id), id, protocol::to_body(pointer)};
}

void QueueHandOver::hand_over(const std::string& pool_key, JobPtr job) {
    unpublished_.push_back(message_for(pool_key, *job));
    if (!publishing_) {
        publishing_ = true;
        tasks_.spawn(publish());
    }
}

Task<> QueueHandOver::publish() {
    while (!unpublished_.empty()) {
        const auto count = std::min(publish_max, unpublished_.size());
        std::vector<queue::OutgoingMessage> batch(
            unpublished_.begin(), unpublished_.begin() + static_cast<std::ptrdiff_t>(count));
        auto copy = batch;
        const auto outcomes = co_await parts_.queue->publish(std::move(copy));
        std::vector<queue::OutgoingMessage> failed;
        for (std::size_t at = 0; at < batch.size(); ++at) {
            if (outcomes[at] == queue::PublishOutcome::failed) failed.push_back(std::move(batch[at]));
        }
        unpublished_.erase(unpublished_.begin(), unpublished_.begin() + static_cast<std::ptrdiff_t>(count));
        if (failed.empty()) continue;
        log::warn("pointers were not published, trying again", {{"count", failed.size()}});
        unpublished_.insert(unpublished_.begin(), failed.begin(), failed.end());
        Timer pause(parts_.executor, publish_retry_wait);
        co_await pause.async_wait(use_task);
    }
    publishing_ = false;
}

std::optional<std::uint64_t> QueueHandOver::lane_of(const protocol::DispatchMessage& pointer) const {
    if (pointer.mediation_target != settings_.processing_url) return std::nullopt;
    const auto id = Tsid::parse(pointer.id);
    const auto job = id ? parts_.scheduler->find_handed_over(*id) : nullptr;
    return job ? std::optional(job->job.owner.value) : std::nullopt;
}

Task<router::Mediation> QueueHandOver::mediate(protocol::DispatchMessage pointer) {
    if (pointer.mediation_target != settings_.processing_url)
        co_return co_await parts_.others->mediate(std::move(pointer));
    router::Mediation mediation;
    const auto token = processing_token(settings_.app_key, pointer.id);
    if (!equal_constant_time(token, pointer.auth_token.reveal())) {
        mediation.verdict = router::Mediation::Verdict::config_error;
        mediation.reason = "the token does not fit the job";
        co_return mediation;
    }
    const auto id = Tsid::parse(pointer.id);
    auto job = id ? parts_.scheduler->find_handed_over(*id) : nullptr;
    if (!job)
        co_return mediation;  // of an earlier process, or taken back: recovery publishes what is still open
    std::function<void(bool)> released = [](bool) {};
    const auto end = co_await parts_.scheduler->start_job(std::move(job), std::move(released));
    if (end.kind == JobEnd::Kind::blocked) {
        mediation.verdict = router::Mediation::Verdict::not_now;
        mediation.until = end.blocked_until;
    }
    co_return mediation;
}

}  // namespace fc::scheduler
