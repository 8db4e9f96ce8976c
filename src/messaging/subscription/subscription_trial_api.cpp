#include "messaging/subscription/subscription_trial_api.h"

#include "messaging/subscription/matching.h"
#include "resource/tenancy.h"

#include <utility>

namespace fc::messaging {
namespace {

constexpr std::string_view test_data = R"({"message":"This is a test event of FlowCatalyst"})";

std::string test_type(const Subscription& subscription) {
    const auto& first = subscription.event_types[0].event_type_code.text();
    return first.find('*') == std::string::npos ? first : "flowcatalyst.test";
}

/// Why the event does not match; nullopt when it does.
std::optional<std::string> reason_of(const Subscription& subscription, const FilteredEvent& filtered) {
    const auto& event = filtered.event();
    switch (matches(subscription, filtered)) {
        case Match::other_client: return "the event is another client's";
        case Match::other_type: return "the event's type " + event.type + " is none of those wanted";
        case Match::other_version:
            return "the event's spec version " + event.spec_version + " is not the one wanted";
        case Match::filtered_out: return subscription.filter.mismatch(filtered);
        case Match::yes: break;
    }
    return std::nullopt;
}

}  // namespace

http::Routes SubscriptionTrialApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:subscription:view"};
    constexpr http::Permission may_update{"platform:messaging:subscription:update"};
    http::Routes routes("/api/subscriptions", "Subscriptions");
    routes.post("/test-filter", "Test a filter", bind(this, &SubscriptionTrialApi::test_filter), may_read)
        .example(R"({"filter": {"data.total": {"gte": 100}},
  "event": {"type": "order.created", "source": "shop", "data": {"total": 99}}})");
    routes.post("/{id}/test", "Send a test event", bind(this, &SubscriptionTrialApi::send_test), may_update)
        .example(R"({"eventType": "order.created", "data": {"orderId": "42"}})")
        .says(
            "One attempt, with a header `X-FlowCatalyst-Test`, past the subscription's event types and "
            "filter.")
        .answers_with(std::vector<int>{201});
    return routes;
}

Task<Result<FilterVerdict>> SubscriptionTrialApi::test_filter(http::Caller caller, TestFilter body) {
    Subscription tested;
    if (body.subscription_id) {
        const auto stored = parts_.catalog->subscriptions().get(caller, *body.subscription_id);
        if (!stored) co_return codec::validation_failed({{"/subscriptionId", "names no subscription"}});
        tested = **stored;
    } else {
        tested.event_types.push_back({{}, EventTypePattern::parse("**").value(), {}});
    }
    if (body.filter) tested.filter = std::move(*body.filter);
    std::vector<FieldError> faults;
    if (body.event_types) tested.event_types = bindings_of(*body.event_types, *parts_.catalog, faults);
    if (!faults.empty()) co_return codec::validation_failed(std::move(faults));

    store::EventRecord event;
    if (body.event) {
        event = event_of(std::move(*body.event), {tested.client_id, parts_.clock->now()}, parts_.ids->next());
    } else {
        auto stored = co_await parts_.messages->find_event(*body.event_id);
        if (!stored || !resource::sees(caller, stored->client_id))
            co_return codec::validation_failed({{"/eventId", "names no event"}});
        event = std::move(*stored);
    }
    FilterVerdict verdict;
    verdict.reason = reason_of(tested, event);
    verdict.matches = !verdict.reason;
    co_return verdict;
}

store::JobRecord SubscriptionTrialApi::test_job(const Subscription& subscription, SendTestEvent body) const {
    JobSpec spec;
    spec.source = "flowcatalyst";
    spec.code = body.event_type ? body.event_type->text() : test_type(subscription);
    spec.payload = std::move(body.data);
    if (spec.payload.text.empty()) spec.payload.text = test_data;
    spec.sequence = subscription.sequence;
    spec.max_retries = Bounded<1, 1'000>(1);

    store::JobRecord job;
    job.id = parts_.ids->next();
    job.owner = subscription.id;
    job.client_id = subscription.client_id;
    job.counted_pool = parts_.catalog->find_pool(subscription.dispatch_pool_id)->id;
    job.mode = store::DispatchMode::immediate;
    job.origin = store::JobOrigin::test;
    job.spec = codec::to_json(spec, codec::Reveal::yes);
    job.created_at = parts_.clock->now();
    job.updated_at = job.created_at;
    job.next_attempt_at = job.created_at;
    return job;
}

Task<Result<http::Created<JobView>>> SubscriptionTrialApi::send_test(
    http::Caller caller, SendTestEvent body) {
    const auto subscription = parts_.catalog->subscriptions().get(caller, body.id).value();
    if (subscription->status == SubscriptionStatus::paused)
        co_return conflict("SUBSCRIPTION_PAUSED", "the subscription is paused: resume it before a test");
    const auto pool = parts_.catalog->find_pool(subscription->dispatch_pool_id);
    if (!pool || pool->holds_jobs())
        co_return conflict("DISPATCH_POOL_HELD", "the subscription's dispatch pool holds its jobs");
    auto job = test_job(*subscription, std::move(body));
    http::Created<JobView> answer;
    answer.body = view_of(job, nullptr, *parts_.catalog);
    answer.location = "/api/dispatch/jobs/" + job.id.to_string();
    std::vector<store::JobRecord> jobs;
    jobs.push_back(std::move(job));
    co_await parts_.messages->add_jobs(std::move(jobs));
    co_return answer;
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::TestFilter>::check(
    const messaging::TestFilter& body, Faults<messaging::TestFilter>& faults) {
    using messaging::TestFilter;
    const bool has_filter = body.filter || body.event_types || body.subscription_id;
    faults.expect(has_filter, &TestFilter::filter, "is required, or eventTypes, or subscriptionId");
    faults.expect(
        body.event.has_value() != body.event_id.has_value(),
        &TestFilter::event,
        "is required, or eventId, but not both");
}

}  // namespace fc::codec
