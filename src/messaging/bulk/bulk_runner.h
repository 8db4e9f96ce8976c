#pragma once

#include "messaging/bulk/bulk_work.h"
#include "resource/entities.h"
#include "runtime/service.h"
#include "runtime/task_group.h"

#include <map>
#include <string>
#include <vector>

namespace fc::messaging {

/// All bulk operations, and what makes them go on: each at its rate, at most `bulk_running_max` of a client
/// at a time, from the step at which the last process ended. io thread only.
class BulkRunner : public Service {
public:
    struct Parts {
        Executor executor;
        store::DocumentStore* documents;
        BulkWork::Parts work;
        Millis retry_wait{1'000};  ///< before a store that failed is asked again
    };
    explicit BulkRunner(Parts parts);

    Task<> load() { return operations_.load(); }
    resource::Entities<BulkOperation>& operations() { return operations_; }
    const resource::Entities<BulkOperation>& operations() const { return operations_; }
    /// What an operation that is not stored would do.
    Task<BulkCount> count(BulkOperation operation);
    /// The state as it is shown: a running one may have to wait for its turn.
    BulkState state_of(const BulkOperation& operation) const;

    std::string_view name() const override { return "bulk operations"; }
    Task<> run() override;
    Task<> stop(Millis deadline) override;

private:
    /// Starts work on every operation that may go on and has none.
    void go_on();
    Task<> work(Id<BulkOperation> id);
    /// One step; how long to wait before the next. Fails where the store does.
    Task<Millis> step(BulkOperationPtr operation);
    Task<> give_up(Id<BulkOperation> id, std::string reason);

    Parts parts_;
    BulkWork work_;
    resource::Turns turns_;
    resource::Entities<BulkOperation> operations_;
    std::map<Tsid, Timer> working_;  ///< with the wait that lies between two steps
    TaskGroup tasks_;
    Timer stopped_;
    bool is_running_ = false;
};

}  // namespace fc::messaging
