#include "runtime/blocking_pool.h"

#include "base/error.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace fc {

struct BlockingPool::State {
    void work() {
        std::unique_lock lock(mutex);
        while (true) {
            wake.wait(lock, [this] { return stopping || (!jobs.empty() && held < held_max); });
            if (jobs.empty()) return;
            auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job->run();
            job.reset();
            lock.lock();
        }
    }

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::unique_ptr<Job>> jobs;
    std::size_t waiting_max = 0;
    std::size_t held = 0;  ///< results that nobody took yet
    std::size_t held_max = 0;
    bool stopping = false;
    std::vector<std::thread> threads;
};

BlockingPool::BlockingPool(std::size_t threads, std::size_t waiting_max) : state_(std::make_shared<State>()) {
    FC_ASSERT(threads > 0, "a pool without threads would never finish a job");
    state_->waiting_max = waiting_max;
    state_->held_max = 2 * threads;
    for (std::size_t i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
    }
}

BlockingPool::~BlockingPool() {
    {
        std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

void BlockingPool::expect_room() const {
    if (waiting() >= state_->waiting_max) {
        throw Failure(unavailable("BUSY", "too much blocking work is waiting; try again"));
    }
}

void BlockingPool::submit(std::unique_ptr<Job> job) {
    {
        std::lock_guard lock(state_->mutex);
        state_->jobs.push_back(std::move(job));
    }
    state_->wake.notify_one();
}

std::shared_ptr<void> BlockingPool::hold_result() const {
    const auto taken = [state = state_](void*) {
        {
            const std::scoped_lock lock(state->mutex);
            --state->held;
        }
        state->wake.notify_one();
    };
    const std::scoped_lock lock(state_->mutex);
    ++state_->held;
    return {state_.get(), taken};
}

std::size_t BlockingPool::waiting() const {
    std::lock_guard lock(state_->mutex);
    return state_->jobs.size();
}

}  // namespace fc
