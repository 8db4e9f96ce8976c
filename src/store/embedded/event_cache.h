#pragma once

#include "store/records.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <deque>
#include <memory>

namespace fc::store::sqlite {

/// The events stored last, up to `bytes_max`, so that a job that becomes ready soon need not read its payload
/// back. Belongs to the writer thread; events are immutable, so a
/// cached one is true until it is purged.
class EventCache {
public:
    explicit EventCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void put(std::shared_ptr<const EventRecord> event) {
        const auto size = size_of(*event);
        const auto id = event->id;
        if (size > bytes_max_ / 8 || !by_id_.try_emplace(id, std::move(event)).second) return;
        bytes_ += size;
        order_.push_back({id, size});
        while (bytes_ > bytes_max_) {
            const auto [oldest, its_size] = order_.front();
            bytes_ -= its_size;
            by_id_.erase(oldest);
            order_.pop_front();
        }
    }

    std::shared_ptr<const EventRecord> find(Tsid id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second;
    }

    /// It was purged. Its bytes are counted until it would have left anyway.
    void forget(Tsid id) { by_id_.erase(id); }

    void clear() {
        by_id_.clear();
        order_.clear();
        bytes_ = 0;
    }

private:
    static std::size_t size_of(const EventRecord& event) { return sizeof(event) + event.data.size(); }

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    boost::unordered_flat_map<Tsid, std::shared_ptr<const EventRecord>, std::hash<Tsid>> by_id_;
    std::deque<std::pair<Tsid, std::size_t>> order_;  ///< with their sizes
};

}  // namespace fc::store::sqlite
