#include "messaging/dispatch_job/job_view.h"

#include "messaging/texts.h"

namespace fc::messaging {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void fill_from_subscription(JobView& view, const Subscription& subscription) {
    view.target_url = subscription.target.text();
    view.data_only = subscription.data_only;
    view.sequence = subscription.sequence;
    view.timeout_seconds = subscription.timeout_seconds.value();
    if (subscription.max_retries) view.max_retries = subscription.max_retries->value();
    if (!subscription.retry_strategy.is_default()) view.retry_strategy = subscription.retry_strategy;
    if (subscription.dispatch_pool_id) view.dispatch_pool_id = subscription.dispatch_pool_id;
    if (subscription.service_account_id)
        view.service_account_id = subscription.service_account_id.to_string();
}

void fill_from_spec(JobView& view, const JobSpec& spec) {
    view.external_id = unless_empty(spec.external_id);
    view.source = spec.source;
    view.kind = spec.kind;
    view.code = spec.code;
    view.subject = unless_empty(spec.subject);
    view.correlation_id = unless_empty(spec.correlation_id);
    if (!spec.metadata.empty()) view.metadata = spec.metadata;
    if (!spec.target_url.text().empty()) view.target_url = spec.target_url.text();
    for (const auto& [name, value] : spec.headers) {
        if (!view.headers) view.headers.emplace();
        view.headers->emplace(name, Secret(value));
    }
    view.payload_content_type = spec.payload_content_type;
    view.schema_id = unless_empty(spec.schema_id);
    if (spec.data_only) view.data_only = *spec.data_only;
    if (!spec.service_account_id.empty()) view.service_account_id = spec.service_account_id;
    view.sequence = spec.sequence;
    if (spec.timeout_seconds) view.timeout_seconds = spec.timeout_seconds->value();
    if (spec.max_retries) view.max_retries = spec.max_retries->value();
    if (spec.retry_strategy) view.retry_strategy = spec.retry_strategy;
    view.scheduled_for = spec.scheduled_for;
    view.expires_at = spec.expires_at;
}

}  // namespace

JobView view_of(const store::JobRecord& job, const store::EventRecord* event, const Catalog& catalog) {
    JobView view;
    view.id = job.id;
    view.event_id = job.event_id;
    view.client_id = job.client_id;
    view.subscription_id = job.owner;
    view.dispatch_pool_id = catalog.default_pool()->id;
    if (event != nullptr) {
        view.source = event->source;
        view.code = event->type;
        view.subject = unless_empty(event->subject);
        view.correlation_id = unless_empty(event->correlation_id);
        view.payload_content_type = event->content_type.empty() ? "application/json" : event->content_type;
    }
    if (const auto subscription = catalog.find_subscription(job.owner))
        fill_from_subscription(view, *subscription);
    if (!job.spec.empty()) fill_from_spec(view, codec::from_json<JobSpec>(job.spec).value());
    if (job.pool_id) view.dispatch_pool_id = job.pool_id;
    view.mode = job.mode;
    view.message_group = unless_empty(job.message_group);
    view.status = job.status;
    view.attempt_count = job.attempts;
    if (job.status == store::JobStatus::pending) {
        view.waits_for_head = !job.ready;
        if (job.ready) view.next_attempt_at = job.next_attempt_at;
    }
    view.completed_at = job.completed_at;
    if (job.completed_at) view.duration_millis = (*job.completed_at - job.created_at).count();
    view.last_error = unless_empty(job.last_error);
    view.idempotency_key = unless_empty(job.idempotency_key);
    view.origin = job.origin;
    view.resent_by = unless_empty(job.resent_by);
    if (job.operation) view.bulk_operation_id = job.operation;
    view.created_at = job.created_at;
    view.updated_at = job.updated_at;
    return view;
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::CreateJob>::check(
    const messaging::CreateJob& body, Faults<messaging::CreateJob>& faults) {
    using messaging::CreateJob;
    messaging::check_texts(
        body,
        faults,
        {&CreateJob::external_id,
         &CreateJob::source,
         &CreateJob::code,
         &CreateJob::subject,
         &CreateJob::correlation_id,
         &CreateJob::payload_content_type,
         &CreateJob::schema_id,
         &CreateJob::service_account_id});
    messaging::JobKind kind{};
    const bool is_kind = !Traits<messaging::JobKind>::parse(body.kind, kind) &&
                         Traits<messaging::JobKind>::name(kind) == body.kind;
    faults.expect(is_kind, &CreateJob::kind, "must be EVENT or TASK");
    messaging::check_texts(body, faults, {&CreateJob::message_group, &CreateJob::idempotency_key});
}

}  // namespace fc::codec
