#include "store/embedded/lines.h"

#include <algorithm>

namespace fc::store::sqlite {

void Lines::enter(JobRecord& job, TimePoint now) {
    position_ = std::max(position_ + 1, static_cast<std::int64_t>(job.id.value));
    job.position = position_;
    job.in_line = job.is_ordered();
    job.ready = !job.in_line || !jobs_.has_line(job.owner, job.message_group);
    job.ready_at = now;
    // Times in the store only grow in the order of its commits: a lane's cursor never misses what came later.
    job.next_attempt_at = std::max(job.next_attempt_at, now);
}

std::optional<JobRecord> Lines::enter_again(
    JobRecord& job, std::optional<Tsid> recalled_head, TimePoint now) {
    job.in_line = job.is_ordered();
    job.ready = !job.in_line;
    job.ready_at = now;
    if (!job.in_line) {
        jobs_.update(job);
        return job;
    }
    auto leader = jobs_.leader(job.owner, job.message_group);
    jobs_.update(job);
    if (leader && leader->ready) {
        if (leader->id != recalled_head || leader->position < job.position) return std::nullopt;
        leader->ready = false;
        leader->updated_at = now;
        jobs_.set_ready(*leader);
    }
    return open_next(job, now);
}

bool Lines::leads(const JobRecord& job) {
    if (!job.in_line || job.ready || job.status != JobStatus::error) return job.in_line && job.ready;
    const auto first = jobs_.first_in_line(job.owner, job.message_group);
    return first && first->id == job.id;
}

std::optional<JobRecord> Lines::open_next(const JobRecord& member, TimePoint now) {
    auto next = jobs_.first_in_line(member.owner, member.message_group);
    if (!next || next->ready || next->status != JobStatus::pending) return std::nullopt;
    next->ready = true;
    next->ready_at = now;
    next->next_attempt_at = std::max(next->next_attempt_at, now);
    next->updated_at = now;
    jobs_.set_ready(*next);
    return next;
}

}  // namespace fc::store::sqlite
