#include "router/group_queue.h"

#include <utility>

namespace fc::router {

bool GroupQueue::push(Entry entry) {
    if (entry.group.empty()) return true;
    const auto [found, is_new] = groups_.try_emplace(std::move(entry.group));
    if (is_new) return true;
    auto& queue = entry.high_priority ? found->second.high : found->second.normal;
    queue.push_back(Waiting{.job = entry.job, .batch = entry.batch});
    ++waiting_;
    return false;
}

GroupQueue::Finished GroupQueue::finish(const std::string& group, std::uint64_t batch, bool failed) {
    Finished finished;
    const auto found = groups_.find(group);
    if (found == groups_.end()) return finished;
    auto& [high, normal] = found->second;
    if (failed) {
        take_batch(high, batch, finished.nacked);
        take_batch(normal, batch, finished.nacked);
    }
    auto& queue = high.empty() ? normal : high;
    if (queue.empty()) {
        groups_.erase(found);
        return finished;
    }
    finished.next = queue.front().job;
    queue.pop_front();
    --waiting_;
    return finished;
}

std::vector<std::uint64_t> GroupQueue::drop_all() {
    std::vector<std::uint64_t> taken;
    for (auto& [name, group] : groups_) {
        for (const Waiting& waiting : group.high) taken.push_back(waiting.job);
        for (const Waiting& waiting : group.normal) taken.push_back(waiting.job);
        group = {};
    }
    waiting_ = 0;
    return taken;
}

void GroupQueue::take_batch(
    std::deque<Waiting>& queue, std::uint64_t batch, std::vector<std::uint64_t>& taken) {
    for (const Waiting& waiting : queue) {
        if (waiting.batch == batch) taken.push_back(waiting.job);
    }
    waiting_ -= std::erase_if(queue, [batch](const Waiting& waiting) { return waiting.batch == batch; });
}

}  // namespace fc::router
