#include "store/embedded/write_backlog.h"

#include <algorithm>
#include <utility>

namespace fc::store::sqlite {
namespace {

/// The time of a smaller commit is mostly the disk's, which more rows would share.
constexpr std::size_t telling_rows_min = 100;

}  // namespace

void WriteBacklog::begin(Time now) {
    committing_ = std::exchange(waiting_, 0);
    begun_ = now;
}

void WriteBacklog::end(Time now) {
    // The last few commits tell; a single slow one does not.
    pace_ += (pace_of_commit(now) - pace_) / 4;
    committing_ = 0;
}

WriteBacklog::Duration WriteBacklog::wait(Time now) const {
    auto pace = std::max(pace_, row_time_min);
    // A commit that takes longer than expected is news before it ends: the disk stands still.
    if (committing_ > 0) pace = std::max(pace, pace_of_commit(now));
    return pace * static_cast<Duration::rep>(waiting_ + committing_);
}

WriteBacklog::Duration WriteBacklog::pace_of_commit(Time now) const {
    return (now - begun_) / static_cast<Duration::rep>(std::max(committing_, telling_rows_min));
}

}  // namespace fc::store::sqlite
