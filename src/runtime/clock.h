#pragma once

#include "base/time.h"

namespace fc {

/// The machine's clock. `now()` is the wall time of construction advanced by the boot clock, which counts
/// suspended time and cannot be set; `wall()` follows every correction of the wall clock. Thread-safe.
class SystemClock : public Clock {
public:
    SystemClock();
    TimePoint now() const override;
    TimePoint wall() const override;
    /// At the start, before others read it: goes on from `latest` where the wall clock is behind it.
    void go_on_from(TimePoint latest);

private:
    TimePoint at_start_;
    Millis boot_at_start_;
};

}  // namespace fc
