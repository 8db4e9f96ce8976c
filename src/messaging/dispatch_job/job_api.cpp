#include "messaging/dispatch_job/job_api.h"

#include "resource/tenancy.h"

namespace fc::messaging {

using store::JobRecord;

http::Routes JobApi::routes() {
    using http::bind;
    constexpr http::Permission may_read{"messaging:dispatch-job:read"};
    constexpr http::Permission may_create{"messaging:dispatch-job:create"};
    constexpr http::Permission may_update{"messaging:dispatch-job:update"};
    http::Routes routes("/api/dispatch/jobs", "Dispatch Jobs");
    routes.post("", "Create a dispatch job", bind(this, &JobApi::create), may_create);
    routes.get("", "List dispatch jobs", bind(this, &JobApi::list), may_read);
    routes.get("/{id}", "Get a dispatch job", bind(this, &JobApi::get), may_read);
    routes.get("/{id}/attempts", "List delivery attempts", bind(this, &JobApi::attempts), may_read);
    routes.post("/{id}/retry", "Deliver again", bind(this, &JobApi::retry), may_update);
    routes.post("/{id}/cancel", "Cancel", bind(this, &JobApi::cancel), may_update);
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
    job.spec = codec::to_json<JobSpec>(body);
    return job;
}

Task<Result<http::Created<JobView>>> JobApi::create(http::Request request, CreateJob body) {
    auto client_id = resource::client_of(request);
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
    auto job = make_job(std::move(body), request.caller(), *client_id);
    if (!job) co_return job.error();
    std::vector<JobRecord> jobs{*job};
    const auto stored = co_await parts_.messages->add_jobs(std::move(jobs));
    http::Created<JobView> answer;
    answer.existed = stored[0].duplicate;
    const auto kept = co_await parts_.messages->find_job(stored[0].id);
    answer.body = co_await view(kept.value_or(*job));
    if (answer.existed) answer.body.duplicate = true;
    co_return answer;
}

Task<JobView> JobApi::view(JobRecord job) {
    std::optional<store::EventRecord> event;
    if (job.event_id) event = co_await parts_.messages->find_event(job.event_id);
    auto view = view_of(job, event ? &*event : nullptr, *parts_.catalog);
    if (job.status == store::JobStatus::pending) {
        view.status = parts_.control->live_status(job.id).value_or(job.status);
    }
    co_return view;
}

Task<Result<JobRecord>> JobApi::find(http::Caller caller, Tsid id) {
    auto job = co_await parts_.messages->find_job(id);
    if (!job || !resource::sees(caller, job->client_id)) {
        co_return not_found("JOB_NOT_FOUND", "there is no dispatch job " + id.to_string());
    }
    co_return std::move(*job);
}

Task<Result<http::Page<JobView>>> JobApi::list(http::Caller caller, ListJobs query) {
    http::Page<JobView> page;
    page.total = 0;
    page.page = static_cast<std::uint32_t>(query.page.value());
    page.size = static_cast<std::uint32_t>(query.size.value());
    store::JobFilter filter;
    filter.client_id = query.client_id;
    if (caller.scope != http::Scope::anchor) {
        if (!caller.client_id) co_return page;
        filter.client_id = caller.client_id;
    }
    filter.owner = query.subscription_id;
    filter.event_id = query.event_id;
    filter.status = query.status;
    filter.message_group = query.message_group;
    filter.page = query.page.value();
    filter.size = query.size.value();
    auto found = co_await parts_.messages->list_jobs(std::move(filter));
    page.total = static_cast<std::uint64_t>(found.total);
    for (auto& job : found.jobs) {
        auto shown = co_await view(std::move(job));
        page.items.push_back(std::move(shown));
    }
    co_return page;
}

Task<Result<JobView>> JobApi::get(http::Caller caller, JobById which) {
    auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    co_return co_await view(std::move(*job));
}

Task<Result<http::Page<RawJson>>> JobApi::attempts(http::Caller caller, JobById which) {
    const auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    auto stored = co_await parts_.messages->attempts(which.id);
    http::Page<RawJson> page;
    for (auto& attempt : stored) page.items.push_back({std::move(attempt)});
    page.total = page.items.size();
    page.size = static_cast<std::uint32_t>(page.items.size());
    co_return page;
}

Task<Result<JobView>> JobApi::retry(http::Caller caller, JobById which) {
    store::Resend resend{caller.name, Tsid{}};
    const auto job = co_await find(std::move(caller), which.id);
    if (!job) co_return job.error();
    auto retried = co_await parts_.control->retry(which.id, std::move(resend));
    if (!retried) co_return retried.error();
    co_return co_await view(std::move(*retried));
}

Task<Result<JobView>> JobApi::cancel(http::Caller caller, JobById which) {
    const auto job = co_await find(caller, which.id);
    if (!job) co_return job.error();
    auto cancelled = co_await parts_.control->cancel(which.id, "cancelled by " + caller.name);
    if (!cancelled) co_return cancelled.error();
    co_return co_await view(std::move(*cancelled));
}

}  // namespace fc::messaging
