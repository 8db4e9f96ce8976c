#pragma once

#include "base/time.h"

#include <cstdint>

namespace fc::router {

/// The rate of a pool: `rate_per_minute` tokens a minute, refilled continuously, at most max(1, rate / 60)
/// saved up, one at the start. So any 60 s hold at most rate + burst. 0 is "no limit". Exact: counts in
/// 1/60,000 token, the part that one millisecond adds at one a minute.
class TokenBucket {
public:
    static constexpr std::int64_t rate_per_minute_max = 60'000'000;

    TokenBucket(std::int64_t rate_per_minute, TimePoint now);

    bool is_limited() const { return rate_ != 0; }
    std::int64_t rate_per_minute() const { return rate_; }
    /// Takes one token; false when there is none yet.
    bool take(TimePoint now);
    /// Returns a token that was taken for a request that was then not sent.
    void give_back();
    /// When `take` will say yes, if nobody else takes meanwhile; `now` when it would already.
    TimePoint next_token_at(TimePoint now);
    /// Keeps what is owed: a new rate neither fills the bucket nor forgets what was just sent.
    void set_rate(std::int64_t rate_per_minute, TimePoint now);

private:
    static constexpr std::int64_t token = 60'000;
    static constexpr Millis window{60'000};

    std::int64_t burst() const;
    void refill(TimePoint now);

    std::int64_t rate_;
    std::int64_t level_ = token;
    TimePoint refilled_at_;
};

}  // namespace fc::router
