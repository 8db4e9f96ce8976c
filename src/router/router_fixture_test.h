#pragma once

#include "queue/queue.h"
#include "router/mediator.h"
#include "runtime/clock.h"
#include "runtime/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fc::router {

/// Waits that the test ends: `opened` returns once `open` was called.
class Latch {
public:
    explicit Latch(Executor executor) : timer_(executor) { timer_.expires_at(Timer::time_point::max()); }
    void open() {
        is_open_ = true;
        timer_.cancel();
    }
    Task<> opened();

private:
    Timer timer_;
    bool is_open_ = false;
};

/// Turns the io_context until `done`, at most five seconds.
void run_until(boost::asio::io_context& io, const std::function<bool()>& done);

/// A broker in memory that writes down how each delivery was settled ("ack 1", "nack 2 10000").
class RecordingQueue : public queue::Queue {
public:
    explicit RecordingQueue(Executor executor) : executor_(executor) {}

    void put(std::string broker_id, std::string body) {
        waiting.emplace_back(std::move(broker_id), std::move(body));
        if (arrived_) arrived_->cancel();
    }
    void lose_consumers() {
        lost_ = true;
        if (arrived_) arrived_->cancel();
    }

    Task<queue::StreamState> stream() override { co_return queue::StreamState{}; }
    Task<std::vector<queue::PublishOutcome>> publish(std::vector<queue::OutgoingMessage>) override {
        co_return std::vector<queue::PublishOutcome>{};
    }
    Task<std::vector<queue::SubjectBacklog>> subjects() override { co_return present; }
    Task<std::unique_ptr<queue::Consumer>> take_pool(queue::PoolSubject subject) override {
        taken.push_back(subject.tokens());
        lost_ = false;
        co_return std::make_unique<MemoryConsumer>(this, subject.tokens());
    }
    bool is_connected() const override { return true; }
    void stop() override {}

    std::deque<std::pair<std::string, std::string>> waiting;  ///< all on the subject `default`
    std::vector<queue::SubjectBacklog> present;
    std::vector<std::string> taken;
    std::vector<std::string> settled;
    std::vector<std::size_t> fetch_sizes;
    int extended = 0;
    std::function<void()> on_settle;

private:
    class Message : public queue::QueueMessage {
    public:
        Message(RecordingQueue* broker, std::string id, std::string body)
            : broker_(broker),
              id_(std::move(id)),
              body_(std::move(body)) {}
        std::string_view body() const override { return body_; }
        std::string id() const override { return id_; }
        std::string group() const override { return ""; }
        unsigned deliveries() const override { return 1; }

    private:
        void settle(std::string how) {
            if (broker_->on_settle) broker_->on_settle();
            broker_->settled.push_back(std::move(how));
        }
        void send_ack() override { settle("ack " + id_); }
        void send_nack(Millis delay) override { settle("nack " + id_ + ' ' + std::to_string(delay.count())); }
        void send_extend() override { ++broker_->extended; }
        RecordingQueue* broker_;
        std::string id_;
        std::string body_;
    };

    class MemoryConsumer : public queue::Consumer {
    public:
        MemoryConsumer(RecordingQueue* broker, std::string subject)
            : broker_(broker),
              subject_(std::move(subject)) {}
        Task<std::vector<std::unique_ptr<queue::QueueMessage>>> fetch(std::size_t max, Millis wait) override {
            auto messages = broker_->fetch(subject_, max, wait);
            co_return co_await std::move(messages);
        }

    private:
        RecordingQueue* broker_;
        std::string subject_;
    };

    Task<std::vector<std::unique_ptr<queue::QueueMessage>>> fetch(
        std::string subject, std::size_t max, Millis wait);

    Executor executor_;
    Timer* arrived_ = nullptr;
    bool lost_ = false;
};

/// A target that answers as it is told, by job id; what it was not told about is done at once.
class ScriptedMediator : public Mediator {
public:
    explicit ScriptedMediator(Executor executor) : executor_(executor) {}

    /// Keeps requests for `id` open until `let_go(id)`.
    void hold(const std::string& id) { latches_[id] = std::make_unique<Latch>(executor_); }
    void let_go(const std::string& id) { latches_.at(id)->open(); }

    Task<Mediation> mediate(protocol::DispatchMessage pointer) override;

    std::map<std::string, std::deque<Mediation>> outcomes;
    std::vector<std::string> seen;
    int running = 0;
    int running_max = 0;

private:
    Executor executor_;
    std::map<std::string, std::unique_ptr<Latch>> latches_;
};

std::string pointer_body(const std::string& id, const std::string& group = "", const std::string& pool = "");

}  // namespace fc::router
