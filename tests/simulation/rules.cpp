// What must hold at every send and at the end of a history, and what an operator does to it.
#include "store/embedded/job_writes.h"
#include "store/embedded/purge.h"
#include "store/embedded/verification.h"
#include "world.h"

#include <algorithm>

namespace fc::simulation {

using namespace store;
using namespace store::sqlite;

void World::check_send(const JobRecord& job) {
    const auto found = jobs_.find(job.id);
    if (found == jobs_.end())
        return violated("a job was sent that was never accepted: " + job.id.to_string());
    const auto& fact = found->second;
    auto& lane = lanes_[fact.lane];
    auto& pool = pools_[lane.pool];
    if (lane.held) violated("a held job was sent: " + job.id.to_string());
    if (pool.in_flight > pool.limits.concurrency) violated("a pool exceeded its concurrency");
    if (lane.limits.concurrency != 0 && lane.in_flight > lane.limits.concurrency)
        violated("a subscription exceeded its concurrency");
    if (fact.ended && !fact.resend_allowed)
        violated("a job was sent again after its end: " + job.id.to_string());
    check_rate(pool.sent, pool.limits.rate_per_minute, "a pool exceeded its rate");
    check_rate(lane.sent, lane.limits.rate_per_minute, "a subscription exceeded its rate");
    if (lane.mode != DispatchMode::immediate && !fact.group.empty()) check_order(job, fact);
}

void World::check_order(const JobRecord& job, const JobFact& fact) {
    for (const auto& [id, other] : jobs_) {
        const bool before =
            other.lane == fact.lane && other.group == fact.group && other.sequence < fact.sequence;
        const bool must_be_first = before && other.acknowledged && !other.ended && !other.retried;
        if (must_be_first && !fact.retried) {
            violated("job " + job.id.to_string() + " overtook " + id.to_string() + " of its group");
        }
    }
    for (const auto& other : in_flight_) {
        const auto& flying = jobs_.at(other->job.id);
        if (flying.lane == fact.lane && flying.group == fact.group) {
            violated("two jobs of one group were in flight: " + job.id.to_string());
        }
    }
}

void World::check_rate(std::deque<TimePoint>& sent, std::int64_t rate_per_minute, const char* broken) {
    while (!sent.empty() && sent.front() <= clock_.now() - Millis{60'000}) sent.pop_front();
    if (rate_per_minute == 0) return;
    const auto burst = std::max<std::int64_t>(1, rate_per_minute / 60);
    if (static_cast<std::int64_t>(sent.size()) > rate_per_minute + burst) violated(broken);
}

void World::check_rest() {
    if (violation_) return;
    for (const auto& [id, fact] : jobs_) {
        if (!fact.ended) return violated("a job never ended: " + id.to_string());
    }
    const auto verification = verify(*connection_);
    if (!verification.differences.empty()) violated("verify: " + verification.differences.front());
    const auto kept =
        std::count_if(jobs_.begin(), jobs_.end(), [](const auto& entry) { return !entry.second.purged; });
    if (verification.jobs < kept) violated("rows are missing");
    if (book_->size() != 0) violated("ended jobs are still in memory");
    for (const auto& pool : pools_) {
        if (!pool.pool->is_idle()) violated("a pool still holds ended jobs");
    }
}

router::LaneLimits World::some_limits() {
    return {
        .concurrency = static_cast<std::uint32_t>(pick(3)),
        .rate_per_minute = chance(50) ? 0 : static_cast<std::int64_t>(30 + pick(300))};
}

void World::limit(std::size_t at) {
    auto& lane = lanes_[at];
    lane.limits = chance(30) ? router::LaneLimits{} : some_limits();
    lane.sent.clear();
    quotas_.set(lane.key.owner.value, lane.limits, clock_.now());
}

void World::retry(Tsid job) {
    const auto& lane = lanes_[jobs_.at(job).lane];
    if (!book_->exclude(job)) return;
    pools_[lane.pool].pool->recall(job.value);
    auto head = std::make_shared<std::optional<Tsid>>();
    submit(
        [head, job, now = clock_.now()](Transaction& transaction) {
            const auto leader = leader_of_group(transaction, job, now);
            if (leader && leader->ready) *head = leader->id;
        },
        [this, head, job](bool stored) {
            const auto key = lanes_[jobs_.at(job).lane].key;
            if (!stored) return book_->readmit(job, key);
            auto recalled = *head;
            if (recalled && *recalled != job && !book_->exclude(*recalled)) recalled.reset();
            jobs_.at(job).retried = true;
            if (recalled) pools_[lanes_[jobs_.at(job).lane].pool].pool->recall(recalled->value);
            auto is_sent = std::make_shared<bool>(false);  // not when it was purged meanwhile
            submit(
                [job, recalled, is_sent, now = clock_.now()](Transaction& transaction) {
                    *is_sent = retry_job(transaction, job, recalled, {}, now).has_value();
                },
                [this, job, recalled, key, is_sent](bool done) {
                    tell(done ? "retried" : "not retried", job);
                    if (done && *is_sent) jobs_.at(job).ended = jobs_.at(job).blocks = false;
                    book_->readmit(job, key);
                    if (recalled) book_->readmit(*recalled, key);
                },
                Durability::power_cut);
        },
        Durability::process_death);
}

void World::cancel(Tsid job) {
    const auto& lane = lanes_[jobs_.at(job).lane];
    if (!book_->exclude(job)) return;
    pools_[lane.pool].pool->recall(job.value);
    auto cancelled = std::make_shared<bool>(false);
    submit(
        [cancelled, job, now = clock_.now()](Transaction& transaction) {
            *cancelled = cancel_job(transaction, job, "cancelled", now).has_value();
        },
        [this, cancelled, job, key = lane.key](bool done) {
            if (done && *cancelled) {
                tell("cancelled", job);
                jobs_.at(job).ended = true;
                jobs_.at(job).blocks = false;
            }
            book_->readmit(job, key);
        },
        Durability::power_cut);
}

void World::skip_blocking() {
    for (const auto& [id, fact] : jobs_) {
        if (fact.blocks) cancel(id);
    }
}

void World::purge(PurgeRequest::What what) {
    PurgeRequest request;
    request.what = what;
    request.before = clock_.now() - Millis{pick(20'000)};
    request.limit = 1 + pick(5);
    const auto found = find_purgeable(*connection_, request);
    if (what == PurgeRequest::What::jobs) {
        for (const auto id : found.ids) {
            auto& fact = jobs_.at(id);
            if (!fact.ended) violated("retention takes a job that has not ended: " + id.to_string());
            fact.purged = true;
        }
    }
    submit(
        [request, ids = found.ids](Transaction& transaction) { purge_rows(transaction, request, ids); },
        [](bool) {},
        Durability::process_death);
}

}  // namespace fc::simulation
