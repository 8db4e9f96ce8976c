#include "runtime/task_group.h"

#include "base/error.h"
#include "runtime/log.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>

namespace fc {

namespace asio = boost::asio;

// Shared with the completion handlers, which may run after the group is gone.
struct TaskGroup::State : std::enable_shared_from_this<TaskGroup::State> {
    struct Entry {
        asio::cancellation_signal signal;
        bool cancelled = false;
        bool ended = false;
    };

    State(Executor on, std::string called) : executor(on), name(std::move(called)), changed(on) {}

    void cancel() {
        // A cancelled task may end inside emit(): its entry must stay until the walk is over.
        const bool outermost = !std::exchange(cancelling, true);
        for (auto& entry : entries) {
            entry.cancelled = true;
            if (!entry.ended) entry.signal.emit(asio::cancellation_type::terminal);
        }
        if (!outermost) return;
        cancelling = false;
        std::erase_if(entries, [](const Entry& entry) { return entry.ended; });
    }

    void ended(std::list<Entry>::iterator entry, const std::exception_ptr& failure) {
        --running;
        if (cancelling) {
            entry->ended = true;
        } else {
            entries.erase(entry);
        }
        if (running == 0) changed.cancel();
        if (failure) report(failure);
    }

    // Asio delivers a cancellation after a start that was asked for earlier; what the task uses may be gone
    // by then.
    static Task<> begin(const Entry* entry, Task<> task) {
        if (!entry->cancelled) co_await std::move(task);
    }

    void report(const std::exception_ptr& failure) const {
        try {
            std::rethrow_exception(failure);
        } catch (const boost::system::system_error& error) {
            if (error.code() == asio::error::operation_aborted) return;
            log::error("task failed", {{"group", name}, {"error", error.what()}});
        } catch (const std::exception& error) {
            log::error("task failed", {{"group", name}, {"error", error.what()}});
        }
    }

    Executor executor;
    std::string name;
    Timer changed;  ///< cancelled whenever the last task ends
    std::list<Entry> entries;
    std::size_t running = 0;
    bool closed = false;
    bool cancelling = false;
};

TaskGroup::TaskGroup(Executor executor, std::string name)
    : state_(std::make_shared<State>(executor, std::move(name))) {}

TaskGroup::~TaskGroup() {
    state_->closed = true;
    state_->cancel();
}

void TaskGroup::spawn(Task<> task) {
    if (state_->closed) return;
    auto entry = state_->entries.emplace(state_->entries.end());
    ++state_->running;
    auto on_end = [state = state_, entry](const std::exception_ptr& failure) {
        state->ended(entry, failure);
    };
    asio::co_spawn(
        state_->executor,
        State::begin(&*entry, std::move(task)),
        asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
}

void TaskGroup::cancel() {
    state_->cancel();
}

Task<bool> TaskGroup::drain(Millis deadline) {
    auto state = state_;
    state->closed = true;
    bool in_time = true;
    constexpr asio::use_awaitable_t<Executor> use_task;
    for (int round = 0; round < 2 && state->running > 0; ++round) {
        if (round == 1) {
            in_time = false;
            log::warn("tasks cancelled at the deadline", {{"group", state->name}, {"tasks", state->running}});
            state->cancel();
        }
        boost::system::error_code error;
        state->changed.expires_after(deadline);
        if (state->running > 0) {
            co_await state->changed.async_wait(asio::redirect_error(use_task, error));
        }
    }
    if (state->running > 0) {
        log::error("tasks ignore their cancellation", {{"group", state->name}, {"tasks", state->running}});
    }
    co_return in_time;
}

std::size_t TaskGroup::size() const {
    return state_->running;
}

bool TaskGroup::is_closed() const {
    return state_->closed;
}

}  // namespace fc
