#include "store/embedded/line_memory.h"

#include <utility>

namespace fc::store::sqlite {
namespace {

std::size_t size_of(const JobRecord& job) {
    return sizeof(job) + job.spec.size() + job.message_group.size() + job.idempotency_key.size();
}

}  // namespace

Line* LineMemory::find(Tsid owner, std::string_view message_group) {
    const auto found = by_name_.find({owner, message_group});
    if (found == by_name_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->line;
}

Line& LineMemory::add_empty(Tsid owner, const std::string& message_group) {
    auto& entry = entries_.emplace_front(owner, message_group, Line{});
    by_name_.emplace(Name{owner, entry.message_group}, entries_.begin());
    bytes_ += sizeof(entry) + message_group.size();
    return entry.line;
}

void LineMemory::push_back(Line& line, JobRecord&& job) {
    bytes_ += size_of(job);
    line.waiting.push_back(std::move(job));
}

std::optional<JobRecord> LineMemory::pop_front(Line& line) {
    if (line.waiting.empty()) return std::nullopt;
    std::optional<JobRecord> first(std::move(line.waiting.front()));
    line.waiting.pop_front();
    bytes_ -= size_of(*first);
    return first;
}

std::optional<Line> LineMemory::take(Tsid owner, std::string_view message_group) {
    const auto found = by_name_.find({owner, message_group});
    if (found == by_name_.end()) return std::nullopt;
    return take(found->second);
}

std::optional<Line> LineMemory::take_excess() {
    if (bytes_ <= bytes_max_) return std::nullopt;
    return take(std::prev(entries_.end()));
}

void LineMemory::clear() {
    by_name_.clear();
    entries_.clear();
    bytes_ = 0;
}

Line LineMemory::take(Entries::iterator entry) {
    bytes_ -= sizeof(*entry) + entry->message_group.size();
    for (const auto& job : entry->line.waiting) bytes_ -= size_of(job);
    by_name_.erase({entry->owner, entry->message_group});
    auto line = std::move(entry->line);
    entries_.erase(entry);
    return line;
}

}  // namespace fc::store::sqlite
