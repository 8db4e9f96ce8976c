#pragma once

#include "queue/queue.h"
#include "router/mediator.h"
#include "runtime/task_group.h"
#include "scheduler/scheduler.h"

#include <vector>

namespace fc::scheduler {

struct QueueHandOverSettings {
    std::string processing_url;  ///< the mediation target of our own pointers
    Secret app_key;              ///< keys their tokens
    Tsid start_id;  ///< of this process: no message id is used twice, so none falls into the duplicate window
};

/// Hand-over by pointers on the queue (DISPATCH_HANDOVER=queue). Also mediates the pointers that come back:
/// those that name our processing endpoint by a call, all others by `others`.
class QueueHandOver final : public HandOver, public router::Mediator {
public:
    struct Parts {
        Executor executor;
        Scheduler* scheduler;
        queue::Queue* queue;
        router::Mediator* others;
    };
    QueueHandOver(QueueHandOverSettings settings, Parts parts);

    void hand_over(const std::string& pool_key, JobPtr job) override;
    /// A published pointer cannot be taken back; it is refused when it comes.
    void recall(const JobPtr&) override {}
    messaging::LiveJob waiting(const HeldJob&) const override {
        return {.place = messaging::LiveJob::Place::queued, .cause = messaging::LiveJob::Cause::queue};
    }
    Task<router::Mediation> mediate(protocol::DispatchMessage pointer) override;
    std::optional<std::uint64_t> lane_of(const protocol::DispatchMessage& pointer) const override;
    Task<> stop(Millis deadline);

private:
    queue::OutgoingMessage message_for(const std::string& pool_key, const HeldJob& job);
    Task<> publish();

    QueueHandOverSettings settings_;
    Parts parts_;
    TaskGroup tasks_;
    std::vector<queue::OutgoingMessage> unpublished_;
    std::uint64_t published_ = 0;
    bool publishing_ = false;
};

}  // namespace fc::scheduler
