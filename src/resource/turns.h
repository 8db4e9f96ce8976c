#pragma once

#include "runtime/task.h"

#include <optional>
#include <utility>

namespace fc::resource {

/// Lets one coroutine at a time through. io thread only; outlives the turns it gave.
class Turns {
public:
    /// Ends when it is destroyed.
    class Turn {
    public:
        explicit Turn(Turns& turns) : turns_(&turns) {}
        Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_) turns_->give_back();
        }

    private:
        Turns* turns_;
    };

    Task<Turn> take();

private:
    void give_back();

    bool is_taken_ = false;
    std::optional<Timer> given_back_;  ///< its waits end when a turn does
};

}  // namespace fc::resource
