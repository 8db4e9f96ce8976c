#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace fc::bench {

using Nanos = std::chrono::nanoseconds;

/// Counts of latencies in buckets of at most 1/64 relative width, from 1 ns to hours, in a fixed 30 KB.
class Histogram {
public:
    Histogram();
    void record(Nanos value);
    /// The upper edge of the bucket below which `share` (0..1) of the values lie; zero when empty.
    Nanos quantile(double share) const;
    std::uint64_t count() const { return count_; }
    Nanos max() const { return max_; }

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    Nanos max_{0};
};

}  // namespace fc::bench
