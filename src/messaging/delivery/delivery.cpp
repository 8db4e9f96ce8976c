#include "messaging/delivery/delivery.h"

#include "base/random.h"
#include "codec/json.h"
#include "messaging/delivery/classify.h"
#include "messaging/delivery/holds.h"
#include "messaging/delivery/payload.h"
#include "messaging/delivery/webhook_body.h"

namespace fc::messaging {
namespace {

using store::ReadyJob;
using store::Settlement;

DeliveryResult fail(const ReadyJob& job, std::string reason) {
    auto settlement = std::make_shared<Settlement>();
    settlement->job = job.job;
    settlement->kind = Settlement::Kind::error;
    settlement->counts = false;
    settlement->last_error = std::move(reason);
    return {DeliveryResult::Kind::settle, std::move(settlement), {}, false};
}

/// Names what the last attempt came to.
std::string expired_after(const std::string& last_error) {
    return last_error.empty() || last_error.starts_with("expired") ? "expired" : "expired; " + last_error;
}

/// The breaker's name for a target: what listens there, not what is asked of it.
std::string_view breaker_key(const Url& target) {
    const std::string_view text = target.text();
    const auto path = text.find_first_of("/?", text.find("://") + 3);
    return text.substr(0, path);
}

void add_unless_empty(http::HeaderFields& headers, const char* name, const std::string& value) {
    if (!value.empty()) headers.add(name, value);
}

DeliveryAttempt start_attempt(
    const ReadyJob& job, const Url& target, TimePoint now, TimePoint handed_over_at) {
    DeliveryAttempt attempt;
    attempt.attempt_number = job.job.attempts + 1;
    attempt.attempted_at = now;
    attempt.created_at = now;
    attempt.target_url = target.text();
    attempt.timings_micros.queue_wait = (now - handed_over_at).count() * 1'000;
    return attempt;
}

void finish_attempt(
    DeliveryAttempt& attempt, const http::ClientResponse& response, const Classification& judged) {
    const auto& timings = response.timings;
    attempt.duration_millis = std::chrono::duration_cast<Millis>(timings.total).count();
    attempt.completed_at = attempt.attempted_at + Millis{attempt.duration_millis};
    attempt.status = judged.status;
    attempt.error_type = judged.error_type;
    if (!judged.error.empty()) attempt.error_message = judged.error;
    if (response.status != 0) attempt.response_code = response.status;
    if (!response.body.empty()) attempt.response_body = body_excerpt(response.body);
    attempt.timings_micros.connect = timings.connect.count();
    attempt.timings_micros.tls = timings.tls.count();
    attempt.timings_micros.first_byte = timings.first_byte.count();
    attempt.timings_micros.total = timings.total.count();
}

}  // namespace

const Url& Delivery::Plan::target() const {
    return spec->target_url.text().empty() && subscription ? subscription->target : spec->target_url;
}

const Secret& Delivery::Plan::secret() const {
    static const Secret none;
    return subscription ? subscription->signing_secret : none;
}

Delivery::Plan Delivery::plan(const ReadyJob& job, TimePoint now) const {
    static const auto no_spec = std::make_shared<const JobSpec>();
    Plan plan;
    plan.subscription = parts_.catalog->find_subscription(job.job.owner);
    plan.spec = no_spec;
    if (!job.job.spec.empty())
        plan.spec = std::make_shared<const JobSpec>(codec::from_json<JobSpec>(job.job.spec).value());
    const auto& spec = *plan.spec;
    if (job.job.origin == store::JobOrigin::test)
        plan.event = std::make_shared<const store::EventRecord>(event_of(job.job, spec));
    else if (job.job.spec.empty())
        plan.event = job.event;
    static const std::vector<Hold> none;
    const auto pool = parts_.catalog->pool_of(job.job.owner, job.job.pool_id);
    const auto& own_holds = plan.subscription ? plan.subscription->holds : none;
    plan.age = unheld_age(job.job.ready_at, now, own_holds, pool->holds);
    if (plan.subscription) {
        const auto& from = *plan.subscription;
        plan.policy.strategy = from.retry_strategy;
        if (from.max_retries) plan.policy.attempts_max = static_cast<int>(from.max_retries->value());
        plan.policy.age_max = seconds{from.max_age_seconds.value()};
        plan.timeout = seconds{from.timeout_seconds.value()};
        plan.previous_secret = messaging::previous_secret(from, now);
    }
    if (spec.retry_strategy) plan.policy.strategy = *spec.retry_strategy;
    if (spec.max_retries) plan.policy.attempts_max = static_cast<int>(spec.max_retries->value());
    if (spec.timeout_seconds) plan.timeout = seconds{spec.timeout_seconds->value()};
    return plan;
}

http::HeaderFields Delivery::headers(const ReadyJob& job, const Plan& plan, const std::string& content_type) {
    const auto* const event = plan.event.get();
    const auto& spec = *plan.spec;
    http::HeaderFields headers;
    headers.reserve(768);  // of most deliveries, with what signing adds
    add_unless_empty(headers, "Content-Type", content_type);
    headers.add("User-Agent", "FlowCatalyst");
    headers.add("X-FlowCatalyst-ID", job.job.id.to_string());
    if (job.job.event_id) headers.add("X-FlowCatalyst-Causation-ID", job.job.event_id.to_string());
    headers.add("X-FlowCatalyst-Kind", spec.kind);
    add_unless_empty(headers, "X-FlowCatalyst-Code", event ? event->type : spec.code);
    add_unless_empty(headers, "X-FlowCatalyst-Subject", event ? event->subject : spec.subject);
    add_unless_empty(
        headers, "X-FlowCatalyst-Correlation-ID", event ? event->correlation_id : spec.correlation_id);
    add_unless_empty(headers, "X-FlowCatalyst-Message-Group", job.job.message_group);
    headers.add("X-FlowCatalyst-Attempt", std::to_string(job.job.attempts + 1));
    if (job.job.origin == store::JobOrigin::test) headers.add("X-FlowCatalyst-Test", "true");
    if (plan.subscription) {
        for (const auto& [name, value] : plan.subscription->headers) headers.set(name, value);
    }
    for (const auto& [name, value] : spec.headers) headers.set(name, value);
    return headers;
}

Result<http::ClientRequest> Delivery::request(const ReadyJob& job, const Plan& plan) {
    http::ClientRequest request;
    request.url = plan.target().text();
    request.total_timeout = plan.timeout;
    request.connect_timeout = std::min(settings_.connect_timeout, plan.timeout);
    auto body = body_of(job.job, plan.event.get(), *plan.spec, plan.subscription.get());
    request.body = std::move(body.bytes);
    request.headers = headers(job, plan, body.content_type);
    for (const auto& [name, value] : body.attributes) request.headers.set(name, value);
    auto signer = signers_.find(plan.secret(), plan.previous_secret);
    if (!signer) return signer.error();
    const auto id = job.job.id.to_string();
    (*signer)->add_headers(
        request.headers, {id, parts_.clock->wall(), request.body, settings_.timestamp_format});
    return request;
}

Task<DeliveryResult> Delivery::attempt(std::shared_ptr<const ReadyJob> job, TimePoint handed_over_at) {
    const auto now = parts_.clock->now();
    const auto plan = this->plan(*job, now);
    if (job->job.spec.empty() && !plan.subscription) {
        co_return DeliveryResult{DeliveryResult::Kind::held, {}, {}, false};
    }
    if (plan.subscription && plan.subscription->status == SubscriptionStatus::paused) {
        co_return DeliveryResult{DeliveryResult::Kind::held, {}, {}, false};
    }
    const bool is_late = plan.spec->expires_at && *plan.spec->expires_at <= now;
    if (is_late || is_expired(plan.policy, plan.age))
        co_return fail(*job, expired_after(job->job.last_error));
    auto request = this->request(*job, plan);
    if (!request) co_return fail(*job, "the delivery cannot be signed: " + request.error().detail);

    const auto breaker = breaker_key(plan.target());
    const auto admission = parts_.breakers->at(breaker).admit(now);
    if (!admission) {
        const auto until = parts_.breakers->at(breaker).retry_at(now);
        co_return DeliveryResult{DeliveryResult::Kind::blocked, {}, until, false};
    }
    auto attempt = start_attempt(*job, plan.target(), now, handed_over_at);
    attempt.id = parts_.ids->next();
    auto sending = parts_.client->send(std::move(*request));
    const auto response = co_await std::move(sending);
    const auto ended = parts_.clock->now();
    auto& target_breaker = parts_.breakers->at(breaker);
    const bool was_sent =
        !response.failure || response.failure->kind != http::TransportFailureKind::invalid_request;
    const auto before = target_breaker.state();
    if (was_sent) {
        target_breaker.record(*admission, !http::counts_as_failure(response.status), ended);
        meter_.count(response);
    } else {
        target_breaker.abandon(*admission);
    }
    log_.target_changed(breaker, before, target_breaker.state());
    auto result = judge(*job, plan, response, std::move(attempt), ended);
    const auto& settlement = *result.settlement;
    if (settlement.kind == Settlement::Kind::error) log_.job_failed(job->job, settlement.last_error, ended);
    co_return result;
}

DeliveryResult Delivery::judge(
    const ReadyJob& job,
    const Plan& plan,
    const http::ClientResponse& response,
    DeliveryAttempt attempt,
    TimePoint ended) const {
    const auto judged = classify(response, parts_.clock->wall());
    // The clock's milliseconds are cut off: counting from the next one, no wait ends early.
    const auto now = ended + Millis{1};
    finish_attempt(attempt, response, judged);
    auto made = std::make_shared<Settlement>();
    auto& settlement = *made;
    DeliveryResult result{.settlement = std::move(made)};
    settlement.job = job.job;
    settlement.attempt = codec::to_json(attempt);
    settlement.last_error = judged.error;
    switch (judged.outcome) {
        case DeliveryOutcome::delivered: settlement.kind = Settlement::Kind::completed; break;
        case DeliveryOutcome::rejected: settlement.kind = Settlement::Kind::error; break;
        case DeliveryOutcome::gone:
            // Of another target, or in a test, it says nothing about the subscription.
            result.target_is_gone = plan.subscription && plan.target() == plan.subscription->target &&
                                    job.job.origin != store::JobOrigin::test;
            settlement.next_attempt_at = now;
            if (!result.target_is_gone) settlement.kind = Settlement::Kind::error;
            break;
        case DeliveryOutcome::not_yet:
            settlement.counts = false;
            settlement.next_attempt_at = now + judged.wait;
            break;
        case DeliveryOutcome::retry: {
            RetryState state;
            state.attempts = static_cast<int>(job.job.attempts + 1 - job.job.round_start);
            state.age = plan.age;
            state.retry_after = judged.wait;
            state.random = random_u64();
            const auto decision = decide_retry(plan.policy, state);
            settlement.next_attempt_at = now + decision.wait;
            if (decision.kind != RetryDecision::Kind::retry) settlement.kind = Settlement::Kind::error;
            if (decision.kind == RetryDecision::Kind::expired)
                settlement.last_error = "expired; " + judged.error;
            break;
        }
    }
    return result;
}

}  // namespace fc::messaging
