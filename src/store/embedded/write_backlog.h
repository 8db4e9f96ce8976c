#pragma once

#include "base/time.h"

#include <chrono>
#include <cstddef>

namespace fc::store::sqlite {

/// How much waits for the writer, and by that how long a write that comes now will wait. Decides, without a
/// thread or a clock. What is counted are rows, as far as they are known before: a commit's cost is theirs.
class WriteBacklog {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    void add(std::size_t rows) { waiting_ += rows; }
    /// The writer takes all that waits into a commit.
    void begin(Time now);
    /// That commit has ended.
    void end(Time now);

    /// At a pace never faster than `row_time_min`, so that the backlog is bounded before there is a measure.
    Duration wait(Time now) const;

    static constexpr Duration row_time_min = std::chrono::microseconds{10};

private:
    Duration pace_of_commit(Time now) const;

    std::size_t waiting_ = 0;
    std::size_t committing_ = 0;
    Time begun_;
    Duration pace_ = row_time_min;
};

}  // namespace fc::store::sqlite
