#pragma once

#include "router/router.h"
#include "scheduler/scheduler.h"

namespace fc::scheduler {

/// Hand-over by a call: scheduler and router are in one process (DISPATCH_HANDOVER=memory).
class MemoryHandOver final : public HandOver {
public:
    explicit MemoryHandOver(Scheduler& scheduler) : scheduler_(scheduler) {}
    void set_router(router::Router& router) { router_ = &router; }
    /// What the router does with our jobs.
    router::WorkHandler handler();

    void hand_over(const std::string& pool_key, JobPtr job) override;
    void recall(const JobPtr& job) override;
    messaging::LiveJob waiting(const HeldJob& job) const override;

private:
    Task<> deliver(router::Work work, router::Permit permit);

    Scheduler& scheduler_;
    router::Router* router_ = nullptr;
};

}  // namespace fc::scheduler
