#pragma once

#include "base/time.h"
#include "queue/queue.h"
#include "runtime/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fc::queue {

/// A broker that a test may stop and start.
class QueueHarness {
public:
    virtual ~QueueHarness() = default;
    virtual std::unique_ptr<Queue> open(boost::asio::io_context& io, Millis ack_wait) = 0;
    virtual void stop_server() = 0;
    virtual void start_server() = 0;
    /// With the server stopped: forgets every stream and message.
    virtual void lose_data() = 0;
};

struct QueueBackend {
    std::string name;
    std::function<std::unique_ptr<QueueHarness>()> make;
};
inline void PrintTo(const QueueBackend& backend, std::ostream* out) {
    *out << backend.name;
}

/// A queue on an empty broker, and a loop that runs a coroutine to its end.
class QueueConformance : public testing::TestWithParam<QueueBackend> {
protected:
    using Messages = std::vector<std::unique_ptr<QueueMessage>>;
    static constexpr Millis long_wait{10'000};
    static constexpr Millis short_wait{300};

    void SetUp() override {
        harness = GetParam().make();
        open_queue(Millis{30'000});
    }
    void TearDown() override {
        consumer.reset();
        if (queue) queue->stop();
        io.poll();
    }

    void open_queue(Millis ack_wait) {
        consumer.reset();
        queue = harness->open(io, ack_wait);
        run(queue->stream());
    }

    /// Runs the loop until the task ended.
    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
            failure = error;
            result = std::move(value);
        });
        run_until([&] { return result.has_value(); });
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }
    void run_until(const std::function<bool()>& done, Millis limit = Millis{20'000}) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < deadline) io.run_one_for(Millis{50});
        ASSERT_TRUE(done()) << "did not end within " << limit.count() << " ms";
    }

    static OutgoingMessage message(const std::string& id, std::string pool = "default") {
        return {
            .subject = PoolSubject::of_pool(pool),
            .message_id = id,
            .group = "group-" + id,
            .body = "body of " + id};
    }
    void publish(const std::vector<std::string>& ids) {
        std::vector<OutgoingMessage> batch;
        for (const auto& id : ids) batch.push_back(message(id));
        const auto outcomes = run(queue->publish(std::move(batch)));
        ASSERT_EQ(outcomes, std::vector(ids.size(), PublishOutcome::stored));
    }
    void take(PoolSubject subject = PoolSubject::of_pool("default")) {
        consumer = run(queue->take_pool(std::move(subject)));
    }
    Messages fetch(std::size_t max, Millis wait = long_wait) { return run(consumer->fetch(max, wait)); }
    /// Exactly `count`, however many fetches it takes; fewer when they stop coming.
    Messages fetch_all(std::size_t count) {
        Messages all;
        while (all.size() < count) {
            auto some = fetch(count - all.size());
            if (some.empty()) break;
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
        return all;
    }
    static std::vector<std::string> ids(const Messages& messages) {
        std::vector<std::string> found;
        for (const auto& each : messages) found.push_back(each->id());
        return found;
    }
    static std::vector<std::string> numbered(int count, const std::string& prefix = "m") {
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
        return names;
    }
    template <class T>
    boost::system::error_code failure_of(Task<T> task) {
        try {
            run(std::move(task));
        } catch (const boost::system::system_error& error) {
            return error.code();
        }
        return {};
    }
    static Millis since(std::chrono::steady_clock::time_point start) {
        return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - start);
    }
    void wait_for_connection(bool connected) {
        run_until([&] { return queue->is_connected() == connected; });
    }

    boost::asio::io_context io;
    boost::asio::executor_work_guard<Executor> work{io.get_executor()};
    std::unique_ptr<QueueHarness> harness;
    std::unique_ptr<Queue> queue;
    std::unique_ptr<Consumer> consumer;
};

}  // namespace fc::queue
