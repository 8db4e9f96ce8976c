#include "store/embedded/lines.h"

#include <algorithm>
#include <utility>

namespace fc::store::sqlite {

Lines::Lines(Connection& connection, JobTable& jobs, Tallies& tallies, const LineLimits& limits)
    : index_(connection),
      jobs_(jobs),
      tallies_(tallies),
      limits_(limits),
      position_(jobs.position_max()),
      memory_(limits.memory_bytes) {}

void Lines::begin() {
    if (!std::exchange(memory_is_lost_, false)) return;
    indexed_through_ = index_.entered_through();
    newest_ = jobs_.id_max();
    waypoints_.clear();
    enter_through(newest_);
}

void Lines::enter_through(std::int64_t id) {
    if (id <= indexed_through_) return;
    index_.enter(indexed_through_, id);
    indexed_through_ = id;
    tallies_.raise_in_store(line_index_mark, id);
}

void Lines::enter(const Line& line) {
    if (!line.head) return;
    index_.enter(line.head);
    for (const auto& job : line.waiting) index_.enter(job.id);
}

void Lines::count_insert(Tsid job) {
    newest_ = std::max(newest_, static_cast<std::int64_t>(job.value));
    if (++inserts_ < limits_.index_step) return;
    inserts_ = 0;
    waypoints_.push_back(newest_);
    if (waypoints_.size() <= limits_.index_steps) return;
    enter_through(waypoints_.front());
    waypoints_.pop_front();
}

Lines::Place Lines::insert(JobRecord& job, TimePoint now) {
    position_ = std::max(position_ + 1, static_cast<std::int64_t>(job.id.value));
    job.position = position_;
    job.in_line = job.is_ordered();
    job.ready_at = now;
    // Times in the store only grow in the order of its commits: a lane's cursor never misses what came later.
    job.next_attempt_at = std::max(job.next_attempt_at, now);
    count_insert(job.id);
    if (!job.in_line) {
        job.ready = true;
        return jobs_.insert(job) ? Place::ready : Place::duplicate;
    }
    auto* line = memory_.find(job.owner, job.message_group);
    if (line == nullptr && !index_.has_line(job.owner, job.message_group))
        line = &memory_.add_empty(job.owner, job.message_group);
    job.ready = line != nullptr && !line->head;
    const bool can_be_found = line != nullptr && static_cast<std::int64_t>(job.id.value) > indexed_through_;
    if (!jobs_.insert(job, can_be_found ? JobTable::InIndex::not_yet : JobTable::InIndex::yes))
        return Place::duplicate;
    const auto place = job.ready ? Place::ready : Place::waiting;
    if (job.ready)
        line->head = job.id;
    else if (line != nullptr)
        memory_.push_back(*line, std::move(job));
    while (const auto excess = memory_.take_excess()) enter(*excess);
    return place;
}

std::optional<JobRecord> Lines::open_next(const JobRecord& member, bool stays, TimePoint now) {
    unsaved_.remove(member.id);
    auto* line = memory_.find(member.owner, member.message_group);
    if (line != nullptr && line->head == member.id && !stays) {
        auto next = memory_.pop_front(*line);
        line->head = next ? next->id : Tsid{};
        if (next) make_head(*next, now);
        return next;
    }
    if (const auto forgotten = memory_.take(member.owner, member.message_group)) enter(*forgotten);
    auto next = index_.first(member.owner, member.message_group);
    if (!next || next->ready || next->status != JobStatus::pending) return std::nullopt;
    make_head(*next, now);
    return next;
}

void Lines::make_head(JobRecord& job, TimePoint now) {
    job.ready = true;
    job.ready_at = now;
    job.next_attempt_at = std::max(job.next_attempt_at, now);
    job.updated_at = now;
    unsaved_.add(job.id, {job.ready_at, job.next_attempt_at});
    if (unsaved_.size() > limits_.unsaved_heads) save(now);
}

void Lines::save(TimePoint now) {
    for (const auto head : unsaved_.all()) {
        JobRecord job;
        job.id = head;
        unsaved_.show(job);
        jobs_.set_ready(job);
        unsaved_.remove(head);
    }
    if (!recovered_ && !recovers_) recover(now);
}

void Lines::save_lines(TimePoint now) {
    enter_through(newest_);
    save(now);
}

void Lines::save_and_forget(TimePoint now) {
    save_lines(now);
    memory_.clear();
}

void Lines::recover(TimePoint now) {
    recovers_ = true;
    for (auto first = index_.first_of_next({}, ""); first;
         first = index_.first_of_next(first->owner, first->message_group)) {
        if (first->ready || first->status != JobStatus::pending) continue;
        // A long line is not read to its end: only behind those that were sent again may a head stand.
        if (!first->resent_by.empty()) {
            const auto leader = index_.leader(first->owner, first->message_group);
            if (leader && leader->ready) continue;
        }
        unsaved_.add(first->id, {now, std::max(first->next_attempt_at, now)});
    }
    save(now);
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
    auto leader = index_.leader(job.owner, job.message_group);
    jobs_.update(job);
    if (leader && leader->ready) {
        if (leader->id != recalled_head || leader->position < job.position) return std::nullopt;
        leader->ready = false;
        leader->updated_at = now;
        jobs_.set_ready(*leader);
    }
    auto next = open_next(job, true, now);
    save(now);
    return next;
}

bool Lines::leads(const JobRecord& job) {
    if (!job.in_line || job.ready || job.status != JobStatus::error) return job.in_line && job.ready;
    const auto first = index_.first(job.owner, job.message_group);
    return first && first->id == job.id;
}

std::optional<JobRecord> Lines::leader(const JobRecord& member, TimePoint now) {
    save_lines(now);
    return index_.leader(member.owner, member.message_group);
}

void Lines::commit() {
    unsaved_.commit();
    recovered_ |= std::exchange(recovers_, false);
}

void Lines::roll_back() {
    memory_.clear();
    memory_is_lost_ = true;
    unsaved_.roll_back();
    recovers_ = false;
}

}  // namespace fc::store::sqlite
