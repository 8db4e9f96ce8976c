#pragma once

#include "store/records.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace fc::store::sqlite {

/// Jobs that became the head of their group while their rows do not say so yet: most of them end before
/// anybody asks, and then nothing needs to be written. The writer thread changes it, any thread reads.
class UnsavedHeads {
public:
    struct Times {
        TimePoint ready_at;
        TimePoint next_attempt_at;
    };

    void add(Tsid job, Times times) { set(job, times); }
    void remove(Tsid job) { set(job, std::nullopt); }
    std::vector<Tsid> all() const;
    std::size_t size() const;
    /// Puts right what was read of a row.
    void show(JobRecord& job) const;

    /// What changed since the last commit is final, or undone.
    void commit() { undo_.clear(); }
    void roll_back();

private:
    void set(Tsid job, std::optional<Times> times);
    std::optional<Times> exchange(Tsid job, std::optional<Times> times);

    mutable std::mutex mutex_;
    boost::unordered_flat_map<Tsid, Times, std::hash<Tsid>> heads_;
    std::vector<std::pair<Tsid, std::optional<Times>>> undo_;  ///< what was there before, oldest first
};

}  // namespace fc::store::sqlite
