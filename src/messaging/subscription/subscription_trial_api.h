#pragma once

#include "http/routes.h"
#include "messaging/catalog.h"
#include "messaging/dispatch_job/job_view.h"
#include "messaging/event/event.h"
#include "messaging/subscription/subscription_api.h"
#include "store/message_log.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

/// Whether an event fits: the filter and event types of a subscription, or those of the request itself.
struct TestFilter {
    std::optional<Tsid> subscription_id;
    std::optional<PayloadFilter> filter;
    std::optional<std::vector<WantedEventType>> event_types;
    std::optional<CreateEvent> event;
    std::optional<Tsid> event_id;  ///< of a stored event
};
BOOST_DESCRIBE_STRUCT(TestFilter, (), (subscription_id, filter, event_types, event, event_id))

struct FilterVerdict {
    bool matches = false;
    std::optional<std::string> reason;  ///< why not
};
BOOST_DESCRIBE_STRUCT(FilterVerdict, (), (matches, reason))

struct SendTestEvent {
    Id<Subscription> id;
    std::optional<EventTypeCode>
        event_type;  ///< nullopt: the first of the subscription's, if it has no wildcard
    RawJson data;
};
BOOST_DESCRIBE_STRUCT(SendTestEvent, (), (id, event_type, data))

/// Trying a subscription out: `/api/subscriptions/test-filter` and `/api/subscriptions/{id}/test`.
class SubscriptionTrialApi {
public:
    struct Parts {
        const Catalog* catalog;
        store::MessageLog* messages;
        const Clock* clock;
        TsidGenerator* ids;
    };
    explicit SubscriptionTrialApi(Parts parts) : parts_(parts) {}
    http::Routes routes();

private:
    Task<Result<FilterVerdict>> test_filter(http::Caller caller, TestFilter body);
    Task<Result<http::Created<JobView>>> send_test(http::Caller caller, SendTestEvent body);
    store::JobRecord test_job(const Subscription& subscription, SendTestEvent body) const;

    Parts parts_;
};

}  // namespace fc::messaging

template <>
struct fc::codec::Rules<fc::messaging::TestFilter> {
    static void check(const fc::messaging::TestFilter& body, Faults<fc::messaging::TestFilter>& faults);
};
