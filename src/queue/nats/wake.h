#pragma once

#include "base/time.h"
#include "runtime/task.h"

namespace fc::queue {

/// Lets one coroutine wait until something was noted, with a deadline. Lives on the io thread.
class Wake {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    explicit Wake(Executor executor) : timer_(std::move(executor)) {}
    static Deadline after(Millis wait) { return std::chrono::steady_clock::now() + wait; }

    /// Ends the wait that runs, if any, with the next turn of the executor.
    void notify() { timer_.cancel(); }
    /// Until notify or the deadline; check what you wait for, before and after. Throws when the coroutine is
    /// cancelled.
    Task<> wait_until(Deadline deadline);

private:
    Timer timer_;
};

}  // namespace fc::queue
