#include "messaging/explain/job_facts.h"

namespace fc::messaging {

Task<JobFacts> JobFactsReader::read(store::JobRecord job) const {
    JobFacts facts;
    const bool is_behind = job.status == store::JobStatus::pending && !job.ready;
    if (is_behind) facts.leader = co_await parts_.messages->leader_of_group(job.id);
    if (facts.leader && facts.leader->id == job.id) facts.leader.reset();
    if (facts.leader) facts.leader_live = parts_.control->live(facts.leader->id);
    facts.live = parts_.control->live(job.id);
    facts.subscription = parts_.catalog->find_subscription(job.owner);
    facts.pool = parts_.catalog->pool_of(job.owner, job.pool_id);
    facts.now = parts_.clock->now();
    facts.job = std::move(job);
    co_return facts;
}

Task<std::optional<JobCause>> JobFactsReader::waits_for(store::JobRecord job) const {
    if (job.status != store::JobStatus::pending) co_return std::nullopt;
    const auto facts = co_await read(std::move(job));
    co_return cause_of(facts);
}

}  // namespace fc::messaging
