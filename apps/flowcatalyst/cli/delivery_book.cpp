#include "flowcatalyst/cli/delivery_book.h"

#include <algorithm>

namespace fc::cli {

Sighting DeliveryBook::arrive(Tsid job, const std::optional<std::string>& group) {
    Sighting sighting;
    if (!job) return sighting;
    const auto [entry, is_new] = jobs_.try_emplace(job);
    sighting.is_again = !is_new;
    const bool was_accepted = entry->second.is_accepted;
    if (is_new) {
        oldest_first_.push_back(job);
        forget_oldest();
    }
    if (!group) return sighting;
    // Without the groups' ends no order can be told, so all begin anew rather than some with a false start.
    if (last_of_group_.size() >= jobs_max_ && !last_of_group_.contains(*group)) last_of_group_.clear();
    auto& last = last_of_group_[*group];
    sighting.order = was_accepted || job >= last ? Sighting::Order::right : Sighting::Order::wrong;
    last = std::max(last, job);
    return sighting;
}

void DeliveryBook::accept(Tsid job) {
    if (const auto found = jobs_.find(job); found != jobs_.end()) found->second.is_accepted = true;
}

void DeliveryBook::forget_oldest() {
    if (oldest_first_.size() <= jobs_max_) return;
    jobs_.erase(oldest_first_.front());
    oldest_first_.pop_front();
}

}  // namespace fc::cli
