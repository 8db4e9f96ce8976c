#pragma once

#include "messaging/bulk/bulk_operation.h"
#include "messaging/catalog.h"
#include "messaging/dispatch_job/job_control.h"
#include "store/message_log.h"
#include "store/search.h"

#include <memory>
#include <string>
#include <vector>

namespace fc::messaging {

using BulkOperationPtr = std::shared_ptr<const BulkOperation>;

/// What a dry run answers.
struct BulkCount {
    std::int64_t matched = 0;
    bool is_exact = true;      ///< false: counting took too long, there are at least as many
    std::vector<Tsid> sample;  ///< ids of jobs, for REPLAY of events, oldest first
};

/// Whether a replay of what is missing leaves the event out for that subscription: it has a job of it that
/// this operation did not make, or may have had one. `jobs` are the event's; when some were purged nobody
/// knows whose they were, unless the subscription is younger than the event. `operation` 0: a dry run.
bool may_have_job(
    const Subscription& subscription,
    const store::EventRecord& event,
    const std::vector<store::JobRecord>& jobs,
    Tsid operation);

/// What a bulk operation looks for and does, one step at a time. Doing a step again, as after a crash,
/// changes nothing twice: jobs carry the operation that sent them again, cancelled ones its name, and
/// replayed ones a key made of operation, event and subscription.
class BulkWork {
public:
    struct Parts {
        store::MessageLog* messages;
        store::Search* search;
        JobControl* control;
        const Catalog* catalog;
        const Clock* clock;
        TsidGenerator* ids;
    };
    explicit BulkWork(Parts parts) : parts_(parts) {}

    Task<BulkCount> count(BulkOperationPtr operation);
    /// What comes behind the cursor.
    Task<BulkPage> look(BulkOperationPtr operation);
    /// Does the operation's `step`.
    Task<BulkTally> act(BulkOperationPtr operation);

private:
    using EventPtr = std::shared_ptr<const store::EventRecord>;
    struct Receivers {
        std::vector<SubscriptionPtr> subscriptions;
        std::int64_t had_job = 0;
    };
    Task<BulkCount> count_jobs(BulkOperationPtr operation);
    Task<BulkCount> count_replay(BulkOperationPtr operation);
    /// Who gets a replayed event.
    Task<Receivers> receivers(BulkOperationPtr operation, EventPtr event);
    Task<BulkTally> act_on_jobs(BulkOperationPtr operation);
    /// "": the job was changed by this operation; else why it was not.
    Task<std::string> act_on_job(BulkOperationPtr operation, Tsid job);
    Task<BulkTally> replay(BulkOperationPtr operation);
    store::JobRecord replay_of(
        const BulkOperation& operation,
        const store::EventRecord& event,
        const Subscription& subscription) const;

    Parts parts_;
};

}  // namespace fc::messaging
