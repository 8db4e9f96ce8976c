#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fc::bench {
namespace {

// 64 buckets for each power of two: the first 64 values are exact, later ones within 1/64.
constexpr unsigned fraction_bits = 6;
constexpr std::uint64_t buckets_per_octave = 1U << fraction_bits;
constexpr std::size_t bucket_count = (64 - fraction_bits) * buckets_per_octave;

std::size_t bucket_of(std::uint64_t value) {
    if (value < buckets_per_octave) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - fraction_bits - 1;
    return (shift + 1) * buckets_per_octave + ((value >> shift) - buckets_per_octave);
}

std::uint64_t upper_edge(std::size_t bucket) {
    if (bucket < buckets_per_octave) return bucket;
    const std::size_t shift = bucket / buckets_per_octave - 1;
    const std::uint64_t mantissa = buckets_per_octave + bucket % buckets_per_octave;
    return ((mantissa + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_count) {}

void Histogram::record(Nanos value) {
    const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
    ++buckets_[bucket_of(nanos)];
    ++count_;
    max_ = std::max(max_, value);
}

Nanos Histogram::quantile(double share) const {
    if (count_ == 0) return Nanos{0};
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= std::max<std::uint64_t>(rank, 1)) {
            return std::min(Nanos{static_cast<std::int64_t>(upper_edge(bucket))}, max_);
        }
    }
    return max_;
}

}  // namespace fc::bench
