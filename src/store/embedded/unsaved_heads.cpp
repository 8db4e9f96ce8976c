#include "store/embedded/unsaved_heads.h"

#include <ranges>

namespace fc::store::sqlite {

std::vector<Tsid> UnsavedHeads::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Tsid> jobs;
    jobs.reserve(heads_.size());
    for (const auto& [job, times] : heads_) jobs.push_back(job);
    return jobs;
}

std::size_t UnsavedHeads::size() const {
    const std::scoped_lock lock(mutex_);
    return heads_.size();
}

void UnsavedHeads::show(JobRecord& job) const {
    if (job.status != JobStatus::pending || job.ready) return;
    const std::scoped_lock lock(mutex_);
    const auto found = heads_.find(job.id);
    if (found == heads_.end()) return;
    job.ready = true;
    job.ready_at = job.updated_at = found->second.ready_at;
    job.next_attempt_at = found->second.next_attempt_at;
}

void UnsavedHeads::roll_back() {
    for (const auto& [job, before] : std::views::reverse(undo_)) exchange(job, before);
    undo_.clear();
}

void UnsavedHeads::set(Tsid job, std::optional<Times> times) {
    const bool is_there = times.has_value();
    auto before = exchange(job, times);
    if (before || is_there) undo_.emplace_back(job, before);
}

std::optional<UnsavedHeads::Times> UnsavedHeads::exchange(Tsid job, std::optional<Times> times) {
    const std::scoped_lock lock(mutex_);
    if (times) {
        const auto [place, is_new] = heads_.try_emplace(job, *times);
        return is_new ? std::nullopt : std::optional(std::exchange(place->second, *times));
    }
    const auto found = heads_.find(job);
    if (found == heads_.end()) return std::nullopt;
    const auto before = found->second;
    heads_.erase(found);
    return before;
}

}  // namespace fc::store::sqlite
