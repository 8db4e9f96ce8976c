#pragma once

#include "http/health.h"
#include "http/openapi.h"
#include "messaging/bff/dashboard_api.h"
#include "messaging/bff/debug_api.h"
#include "messaging/bff/job_bff_api.h"
#include "messaging/bulk/bulk_api.h"
#include "messaging/dispatch_job/job_api.h"
#include "messaging/dispatch_pool/dispatch_pool_api.h"
#include "messaging/event/event_api.h"
#include "messaging/event_type/event_type_api.h"
#include "messaging/explain/explain_api.h"
#include "messaging/subscription/subscription_api.h"
#include "messaging/subscription/subscription_trial_api.h"
#include "messaging/verification_api.h"
#include "scheduler/processing_api.h"

#include <string>

namespace fc::app {

/// What the product answers, put together from its parts.
class Api {
public:
    /// They outlive the routes. None is touched before a request comes.
    struct Parts {
        store::MessageLog* messages = nullptr;
        messaging::Catalog* catalog = nullptr;
        scheduler::Scheduler* scheduler = nullptr;
        const Clock* clock = nullptr;
        TsidGenerator* ids = nullptr;
        const http::EgressFilter* egress = nullptr;
        const Secret* app_key = nullptr;
        store::Search* search = nullptr;
        messaging::BulkRunner* bulk = nullptr;
        const http::BreakerRegistry* breakers = nullptr;
        messaging::PoolLoads pool_loads;
    };
    explicit Api(const Parts& parts);

    http::Health& health() { return health_; }
    void add_to(metrics::Registry& registry) { events_.add_to(registry); }
    /// All but the pages that document them. `registry` and this outlive them.
    http::Routes routes(const metrics::Registry& registry);

private:
    messaging::EventApi events_;
    messaging::EventTypeApi event_types_;
    messaging::JobApi jobs_;
    messaging::SubscriptionApi subscriptions_;
    messaging::SubscriptionTrialApi trials_;
    messaging::DispatchPoolApi pools_;
    messaging::EventBffApi event_lists_;
    messaging::JobBffApi job_lists_;
    messaging::DebugApi debug_;
    messaging::ExplainApi explanations_;
    messaging::BulkApi bulk_;
    messaging::DashboardApi dashboard_;
    messaging::VerificationApi verification_;
    scheduler::ProcessingApi processing_;
    http::Health health_;
};

/// What the API document says that no single route does.
http::ApiInfo api_info();
/// The document that the product serves at /swagger/openapi.json, made without a running product.
std::string api_document();

}  // namespace fc::app
