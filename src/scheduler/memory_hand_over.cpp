#include "scheduler/memory_hand_over.h"

namespace fc::scheduler {

router::WorkHandler MemoryHandOver::handler() {
    router::WorkHandler handler;
    handler.run = [this](router::Work work, router::Permit permit) {
        return deliver(std::move(work), std::move(permit));
    };
    handler.dropped = [](const router::Work&) {};  // the store still has it
    return handler;
}

void MemoryHandOver::hand_over(const std::string& pool_key, JobPtr job) {
    router::Work work;
    work.lane = job->job.owner.value;
    work.job = job->job.id.value;
    work.retry = job->job.attempts > 0;
    work.payload = std::move(job);
    using Push = router::Pool::Push;
    const auto pushed = router_->submit(pool_key, std::move(work));
    // A stopping router takes nothing: the store still has the job, and the next start finds it there.
    FC_ASSERT(
        pushed == Push::queued || pushed == Push::closed,
        "the pools take as much as the lane book lets into memory");
}

void MemoryHandOver::recall(const JobPtr& job) {
    if (auto* pool = router_->find_pool(job->pool_key)) pool->recall(job->job.id.value);
}

messaging::LiveJob MemoryHandOver::waiting(const HeldJob& job) const {
    using Kind = router::StartWait::Kind;
    using Cause = messaging::LiveJob::Cause;
    messaging::LiveJob live{.place = messaging::LiveJob::Place::queued};
    const auto wait = router_->wait_of(job.pool_key, job.job.id.value);
    if (!wait) return live;
    live.until = wait->until;
    switch (wait->kind) {
        case Kind::blocked: live.cause = Cause::breaker; break;
        case Kind::lane_concurrency: live.cause = Cause::subscription_concurrency; break;
        case Kind::lane_rate: live.cause = Cause::subscription_rate; break;
        case Kind::concurrency: live.cause = Cause::pool_concurrency; break;
        case Kind::rate: live.cause = Cause::pool_rate; break;
        case Kind::suspended:
        case Kind::held:
        case Kind::turn: break;
    }
    return live;
}

Task<> MemoryHandOver::deliver(router::Work work, router::Permit permit) {
    auto job = std::static_pointer_cast<HeldJob>(work.payload);
    std::function<void(bool)> released = [&permit](bool delivered) { permit.release(delivered); };
    const auto end = co_await scheduler_.start_job(std::move(job), std::move(released));
    if (end.kind == JobEnd::Kind::blocked) permit.put_back(end.blocked_until);
}

}  // namespace fc::scheduler
