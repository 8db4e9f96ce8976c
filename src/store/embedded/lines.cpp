#include "store/embedded/lines.h"

#include <algorithm>

namespace fc::store::sqlite {

void Lines::enter(JobRecord& job, TimePoint now) {
    position_ = std::max(position_ + 1, static_cast<std::int64_t>(job.id.value));
    job.position = position_;
    job.in_line = job.is_ordered();
    job.ready = !job.in_line || !jobs_.has_line(job.owner, job.message_group);
    job.ready_at = now;
}

std::optional<JobRecord> Lines::open_next(const JobRecord& left, TimePoint now) {
    auto next = jobs_.first_in_line(left.owner, left.message_group);
    if (!next || next->ready || next->status != JobStatus::pending) return std::nullopt;
    next->ready = true;
    next->ready_at = now;
    next->next_attempt_at = std::max(next->next_attempt_at, now);
    next->updated_at = now;
    jobs_.update(*next);
    return next;
}

bool Lines::enter_again(JobRecord& job, std::optional<Tsid> recalled_head, TimePoint now) {
    job.in_line = job.is_ordered();
    job.ready_at = now;
    if (!job.in_line) return true;
    if (recalled_head) {
        auto head = jobs_.find(*recalled_head);
        if (head && head->ready && head->id != job.id) {
            head->ready = false;
            jobs_.update(*head);
            return true;
        }
    }
    const auto first = jobs_.first_in_line(job.owner, job.message_group);
    return !first || first->id == job.id || (!first->ready && job.position < first->position);
}

}  // namespace fc::store::sqlite
