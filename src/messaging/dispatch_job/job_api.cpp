#include "messaging/dispatch_job/job_api.h"

#include "http/problem.h"
#include "messaging/explain/job_facts.h"
#include "messaging/texts.h"
#include "resource/tenancy.h"

namespace fc::messaging {

using store::JobRecord;

namespace {

/// What is read of a stored attempt.
struct AttemptTime {
    std::optional<TimePoint> attempted_at;
};
BOOST_DESCRIBE_STRUCT(AttemptTime, (), (attempted_at))

constexpr std::string_view job_example = R"({
  "subscriptionId": "0HZXEQ5Y8JY5Z", "targetUrl": "https://example.com/webhook", "code": "invoice.send",
  "payload": {"invoiceId": "7"}, "messageGroup": "invoice-7"})";
constexpr std::string_view jobs_example = R"({"jobs": [
  {"subscriptionId": "0HZXEQ5Y8JY5Z", "targetUrl": "https://example.com/webhook", "payload": {"id": "8"}},
  {"subscriptionId": "0HZXEQ5Y8JY5Z", "targetUrl": "https://example.com/webhook", "payload": "text"}]})";

std::string with_reason(std::string who, const std::string& reason) {
    return reason.empty() ? who : who + ": " + reason;
}

}  // namespace

http::Routes JobApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"platform:messaging:dispatch-job:view"};
    constexpr http::Permission may_create{"platform:messaging:dispatch-job:create"};
    constexpr http::Permission may_retry{"platform:messaging:dispatch-job:retry"};
    constexpr http::Permission may_cancel{"platform:messaging:dispatch-job:cancel"};
    http::Routes routes("/api/dispatch/jobs", "Dispatch Jobs");
    routes.post("", "Create a dispatch job", bind(this, &JobApi::create), may_create)
        .sheds()
        .example(job_example);
    routes.post("/batch", "Create dispatch jobs", bind(this, &JobApi::create_batch), may_create)
        .sheds()
        .body_bytes_max(batch_bytes_max)
        .takes<JobBatch>()
        .example(jobs_example)
        .gives<JobBatchView>()
        .gives<ItemBatchView>(200)
        .answers_with(std::vector<int>{201});
    routes.get("", "List dispatch jobs", bind(this, &JobApi::list), may_read);
    routes.get("/{id}", "Get a dispatch job", bind(this, &JobApi::get), may_read);
    routes.get("/{id}/attempts", "List delivery attempts", bind(this, &JobApi::attempts), may_read);
    routes.post("/{id}/retry", "Retry a dispatch job", bind(this, &JobApi::retry), may_retry)
        .example(R"({"reason": "the target is mended"})");
    routes.post("/{id}/cancel", "Cancel a dispatch job", bind(this, &JobApi::cancel), may_cancel)
        .example(R"({"reason": "the order was withdrawn"})");
    return routes;
}

Result<JobRecord> JobApi::make_job(CreateJob body, const http::Caller& caller, Tsid client_id) const {
    std::vector<FieldError> faults;
    const auto& catalog = *parts_.catalog;
    // Its secret signs the job and its headers go out with it: none that the caller may not see.
    const auto subscription = catalog.find_subscription(body.subscription_id);
    const bool fits = subscription && resource::sees(caller, subscription->client_id) &&
                      (!subscription->client_id || subscription->client_id == client_id);
    if (!fits) faults.push_back({"/subscriptionId", "names no subscription"});
    if (auto refused = parts_.egress->refuses_literal(body.target_url))
        faults.push_back({"/targetUrl", std::move(refused->detail)});
    const bool has_pool = !body.dispatch_pool_id.empty();
    const auto own_pool = has_pool ? catalog.find_pool(client_id, body.dispatch_pool_id) : nullptr;
    if (has_pool && !own_pool) faults.push_back({"/dispatchPoolId", "names no dispatch pool"});
    if (own_pool && own_pool->status == PoolStatus::archived)
        faults.push_back({"/dispatchPoolId", "names an archived dispatch pool"});
    if (!faults.empty()) return codec::validation_failed(std::move(faults));

    JobRecord job;
    job.id = parts_.ids->next();
    job.event_id = body.event_id;
    job.owner = body.subscription_id;
    job.client_id = client_id;
    job.message_group = body.message_group;
    job.mode = body.mode;
    job.idempotency_key = body.idempotency_key;
    job.origin = store::JobOrigin::api;
    job.created_at = parts_.clock->now();
    job.updated_at = job.created_at;
    job.next_attempt_at = std::max(job.created_at, body.scheduled_for.value_or(job.created_at));
    if (own_pool) job.pool_id = own_pool->id;
    const auto pool = own_pool ? own_pool : catalog.find_pool(subscription->dispatch_pool_id);
    job.counted_pool = pool ? pool->id : catalog.default_pool()->id;
    job.spec = codec::to_json<JobSpec>(body, codec::Reveal::yes);
    return job;
}

Task<Result<JobRecord>> JobApi::prepare(http::Request request, CreateJob body) {
    const auto client_id = resource::owner_of_new(request, body.client_id);
    if (!client_id) co_return client_id.error();
    if (body.event_id) {
        const auto event = co_await parts_.messages->find_event(body.event_id);
        if (!event || !resource::sees(request.caller(), event->client_id))
            co_return codec::validation_failed({{"/eventId", "names no event"}});
        if (body.code.empty()) body.code = event->type;
        if (body.source.empty()) body.source = event->source;
        if (body.subject.empty()) body.subject = event->subject;
        if (body.correlation_id.empty()) body.correlation_id = event->correlation_id;
    }
    co_return make_job(std::move(body), request.caller(), *client_id);
}

Task<std::vector<JobView>> JobApi::accept(std::vector<JobRecord> jobs) {
    auto offered = jobs;
    const auto stored = co_await parts_.messages->add_jobs(std::move(offered));
    std::vector<JobView> views;
    views.reserve(stored.size());
    for (std::size_t at = 0; at < stored.size(); ++at) {
        const auto kept = co_await parts_.messages->find_job(stored[at].id);
        auto shown = kept.value_or(jobs[at]);
        views.push_back(co_await view(std::move(shown)));
        if (stored[at].duplicate) views.back().duplicate = true;
    }
    co_return views;
}

Task<Result<http::Created<JobView>>> JobApi::create(http::Request request, CreateJob body) {
    auto job = co_await prepare(request, std::move(body));
    if (!job) co_return job.error();
    std::vector<JobRecord> jobs{std::move(*job)};
    auto views = co_await accept(std::move(jobs));
    http::Created<JobView> answer;
    answer.body = std::move(views[0]);
    answer.existed = answer.body.duplicate.has_value();
    co_return answer;
}

Task<http::Response> JobApi::create_batch(http::Request request) {
    auto read = read_batch<CreateJob>(request.body(), "jobs");
    if (!read) co_return http::failure_response(read.error(), request);
    std::vector<Result<JobRecord>> prepared;
    for (auto& item : read->items) {
        if (!item) {
            prepared.emplace_back(item.error());
            continue;
        }
        auto job = co_await prepare(request, std::move(*item));
        prepared.push_back(std::move(job));
    }
    auto batch = read->like(std::move(prepared));
    if (const auto refused = refusal_of(batch)) co_return http::failure_response(*refused, request);
    auto good = batch.take_good();
    std::vector<JobView> accepted;
    if (!good.empty()) accepted = co_await accept(std::move(good));
    http::Response response;
    if (batch.is_item_by_item) {
        response.body = codec::to_json(item_results(batch.items, accepted));
        co_return response;
    }
    JobBatchView view;
    view.jobs = std::move(accepted);
    view.count = static_cast<std::int64_t>(view.jobs.size());
    response.status = 201;
    response.body = codec::to_json(view);
    co_return response;
}

JobView JobApi::view(const JobRecord& job, const store::EventRecord* event) const {
    auto view = view_of(job, event, *parts_.catalog);
    view.status = shown_status(*parts_.control, job);
    return view;
}

Task<JobView> JobApi::view(JobRecord job) {
    std::optional<store::EventRecord> event;
    if (job.event_id) event = co_await parts_.messages->find_event(job.event_id);
    co_return view(job, event ? &*event : nullptr);
}

Task<JobView> JobApi::full_view(JobRecord job) {
    const auto attempts = co_await parts_.messages->attempts(job.id);
    const JobFactsReader reader({parts_.messages, parts_.control, parts_.catalog, parts_.clock});
    auto waits_for = co_await reader.waits_for(job);
    auto shown = co_await view(std::move(job));
    shown.waits_for = std::move(waits_for);
    if (!attempts.empty())
        shown.last_attempt_at = codec::from_json<AttemptTime>(attempts.back()).value().attempted_at;
    co_return shown;
}

Task<Result<JobRecord>> JobApi::find(http::Caller caller, Tsid id) {
    auto job = co_await parts_.messages->find_job(id);
    if (!job || !resource::sees(caller, job->client_id)) {
        co_return not_found("JOB_NOT_FOUND", "there is no dispatch job " + id.to_string());
    }
    co_return std::move(*job);
}

Task<Result<JobPage>> JobApi::list(http::Caller caller, ListDispatchJobs request) {
    JobPage page(request);
    const auto found = co_await finder_.find(std::move(caller), std::move(request));
    for (const auto& row : found.value().rows) page.items.push_back(view(row.job, row.event.get()));
    page.take_counts(*found);
    co_return page;
}

Task<Result<JobView>> JobApi::get(http::Caller caller, JobById which) {
    auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    co_return co_await full_view(std::move(*job));
}

Task<Result<http::Page<StoredAttempt>>> JobApi::attempts(http::Caller caller, JobById which) {
    const auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    auto stored = co_await parts_.messages->attempts(which.id);
    http::Page<StoredAttempt> page;
    for (auto& attempt : stored) page.items.push_back({{std::move(attempt)}});
    page.total = page.items.size();
    page.size = static_cast<std::uint32_t>(page.items.size());
    co_return page;
}

Task<Result<JobView>> JobApi::retry(http::Caller caller, ActOnJob which) {
    store::Resend resend{with_reason(caller.name, which.reason), Tsid{}};
    const auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    auto retried = co_await parts_.control->retry(which.id, std::move(resend));
    if (!retried) co_return retried.error();
    co_return co_await full_view(std::move(*retried));
}

Task<Result<JobView>> JobApi::cancel(http::Caller caller, ActOnJob which) {
    auto reason = with_reason("cancelled by " + caller.name, which.reason);
    const auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    auto cancelled = co_await parts_.control->cancel(which.id, std::move(reason));
    if (!cancelled) co_return cancelled.error();
    co_return co_await full_view(std::move(*cancelled));
}

}  // namespace fc::messaging

namespace fc::codec {

void Rules<messaging::ActOnJob>::check(const messaging::ActOnJob& body, Faults<messaging::ActOnJob>& faults) {
    messaging::check_texts(body, faults, {&messaging::ActOnJob::reason});
}

}  // namespace fc::codec
