#pragma once

#include "base/time.h"
#include "runtime/task.h"

#include <cstddef>
#include <memory>
#include <string>

namespace fc {

/// Owns the coroutines it spawned: none outlives it unnoticed. Lives on the thread of its executor.
/// A task that ends with an exception is logged with the group's name; being cancelled is no failure.
class TaskGroup {
public:
    TaskGroup(Executor executor, std::string name);
    /// Cancels what still runs. Whoever owns the group drains it first.
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`: at once on the executor's thread, else with its next turn. Dropped without running once
    /// the group is closed.
    void spawn(Task<> task);
    /// Asks every task to stop: its current wait ends with operation_aborted; one that has not begun never
    /// does. New tasks are still accepted.
    void cancel();
    /// Closes the group and waits until it is empty; after `deadline` it cancels the rest and waits for them
    /// one deadline more. True when no task had to be cancelled.
    Task<bool> drain(Millis deadline);

    std::size_t size() const;
    bool is_closed() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace fc
