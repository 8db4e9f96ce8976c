#include "router/token_bucket.h"

#include <algorithm>

namespace fc::router {

TokenBucket::TokenBucket(std::int64_t rate_per_minute, TimePoint now)
    : rate_(std::clamp<std::int64_t>(rate_per_minute, 0, rate_per_minute_max)),
      refilled_at_(now) {}

std::int64_t TokenBucket::burst() const {
    return std::max(token, rate_ * (token / 60));
}

void TokenBucket::refill(TimePoint now) {
    if (now <= refilled_at_) return;
    // After a window's length any bucket is full, so the product stays far from overflow.
    const Millis elapsed = std::min(now - refilled_at_, window);
    level_ = std::min(level_ + rate_ * elapsed.count(), burst());
    refilled_at_ = now;
}

bool TokenBucket::take(TimePoint now) {
    if (!is_limited()) {
        // What is sent without a limit is owed when one is set: it then starts empty.
        level_ = 0;
        return true;
    }
    refill(now);
    if (level_ < token) return false;
    level_ -= token;
    return true;
}

void TokenBucket::give_back() {
    if (is_limited()) level_ = std::min(level_ + token, burst());
}

TimePoint TokenBucket::next_token_at(TimePoint now) {
    if (!is_limited()) return now;
    refill(now);
    if (level_ >= token) return now;
    const std::int64_t missing = token - level_;
    return std::max(now, refilled_at_) + Millis{(missing + rate_ - 1) / rate_};
}

void TokenBucket::set_rate(std::int64_t rate_per_minute, TimePoint now) {
    if (is_limited()) refill(now);
    const bool was_limited = is_limited();
    rate_ = std::clamp<std::int64_t>(rate_per_minute, 0, rate_per_minute_max);
    level_ = std::min(level_, was_limited ? burst() : token);
    refilled_at_ = std::max(refilled_at_, now);
}

}  // namespace fc::router
