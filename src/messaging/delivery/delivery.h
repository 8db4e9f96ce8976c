#pragma once

#include "base/time.h"
#include "http/circuit_breaker.h"
#include "http/client.h"
#include "messaging/catalog.h"
#include "messaging/delivery/attempt.h"
#include "messaging/delivery/delivery_log.h"
#include "messaging/delivery/delivery_metrics.h"
#include "messaging/delivery/retry.h"
#include "messaging/delivery/signing.h"
#include "messaging/dispatch_job/job_spec.h"
#include "runtime/task.h"
#include "store/records.h"

#include <memory>
#include <string>

namespace fc::messaging {

struct DeliverySettings {
    TimestampFormat timestamp_format = TimestampFormat::unix_seconds;
    Millis connect_timeout{10'000};
};

/// What came of handing a job to its delivery.
struct DeliveryResult {
    enum class Kind {
        settle,   ///< `settlement` says how it went; it is not stored yet
        blocked,  ///< nothing was sent: the target's breaker is open until `blocked_until`
        held      ///< nothing was sent: the subscription is paused or gone
    };
    Kind kind = Kind::settle;
    std::shared_ptr<const store::Settlement> settlement;
    TimePoint blocked_until{};
    bool target_is_gone = false;  ///< it answered 410: its subscription is to be paused
};

/// Delivers a job once: breaker, signature, request, judgement (design 3.2, 3.3). io thread only.
class Delivery {
public:
    struct Parts {
        http::Client* client;
        const Catalog* catalog;
        http::BreakerRegistry* breakers;
        const Clock* clock;
        TsidGenerator* ids;
    };
    Delivery(DeliverySettings settings, Parts parts) : settings_(settings), parts_(parts) {}

    /// `handed_over_at`: when the job was ready to be sent, for the time it waited.
    Task<DeliveryResult> attempt(std::shared_ptr<const store::ReadyJob> job, TimePoint handed_over_at);
    void add_to(metrics::Registry& registry) { meter_.add_to(registry); }

private:
    /// All that an attempt needs, read from the job, its event and its subscription.
    struct Plan {
        SubscriptionPtr subscription;                     ///< null: gone, or of a job that needs none
        std::shared_ptr<const JobSpec> spec;              ///< never null
        std::shared_ptr<const store::EventRecord> event;  ///< what is sent; null: what the spec says
        RetryPolicy policy;
        Millis timeout{30'000};
        Millis age{};
        std::optional<Secret> previous_secret;

        const Url& target() const;
        const Secret& secret() const;
    };
    Plan plan(const store::ReadyJob& job, TimePoint now) const;
    Result<http::ClientRequest> request(const store::ReadyJob& job, const Plan& plan);
    static http::HeaderFields headers(
        const store::ReadyJob& job, const Plan& plan, const std::string& content_type);
    DeliveryResult judge(
        const store::ReadyJob& job,
        const Plan& plan,
        const http::ClientResponse& response,
        DeliveryAttempt attempt,
        TimePoint ended) const;

    DeliverySettings settings_;
    Parts parts_;
    SignerCache signers_;
    DeliveryLog log_;
    DeliveryMeter meter_;
};

}  // namespace fc::messaging
