#pragma once

#include "runtime/metrics.h"
#include "runtime/service.h"
#include "store/message_log.h"

#include <boost/describe/class.hpp>

namespace fc::messaging {

/// How long what is over is kept. A deduplication id or idempotency key keeps its row a day at least.
struct RetentionPeriods {
    Millis events{Millis{std::chrono::hours{24 * 90}}};
    Millis jobs{Millis{std::chrono::hours{24 * 30}}};
};

struct RetentionMetrics {
    metrics::Counter jobs_purged_total;
    metrics::Counter events_purged_total;
};
BOOST_DESCRIBE_STRUCT(RetentionMetrics, (), (jobs_purged_total, events_purged_total))

/// Deletes ended jobs, then events that have none left, once their time is over: in small steps with pauses,
/// so that whoever publishes does not notice. io thread only.
class Retention : public Service {
public:
    struct Parts {
        Executor executor;
        const Clock* clock = nullptr;
        store::MessageLog* messages = nullptr;
    };
    Retention(RetentionPeriods periods, Parts parts, metrics::Registry* registry = nullptr);

    std::string_view name() const override { return "retention"; }
    Task<> run() override;
    Task<> stop(Millis deadline) override;

    /// All that had its time by now; how many rows went.
    Task<std::size_t> pass();

private:
    Task<std::size_t> purge_all(store::PurgeRequest::What what);
    /// Ends early when it is time to stop.
    Task<> pause(Millis period);

    RetentionPeriods periods_;
    Parts parts_;
    RetentionMetrics metrics_;
    Timer timer_;
    bool stopping_ = false;
};

}  // namespace fc::messaging
