#include "router/router_fixture_test.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace fc::router {

namespace asio = boost::asio;

namespace {

constexpr asio::use_awaitable_t<Executor> use_task{};

}  // namespace

Task<> Latch::opened() {
    while (!is_open_) {
        boost::system::error_code woken;
        co_await timer_.async_wait(asio::redirect_error(use_task, woken));
    }
}

void run_until(asio::io_context& io, const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (!done()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "did not happen";
        io.restart();
        io.run_one_for(std::chrono::milliseconds{20});
    }
}

Task<std::vector<std::unique_ptr<queue::QueueMessage>>> RecordingQueue::fetch(
    std::string subject, std::size_t max, Millis wait) {
    std::vector<std::unique_ptr<queue::QueueMessage>> messages;
    const bool is_mine = subject == "default";
    Timer timer{executor_};
    timer.expires_after(wait);
    if (is_mine) fetch_sizes.push_back(max);
    if (!is_mine || waiting.empty()) {
        if (is_mine) arrived_ = &timer;
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(use_task, woken));
        if (is_mine) arrived_ = nullptr;
    }
    if (lost_) {
        const auto code = queue::make_error_code(queue::QueueErrc::consumer_lost);
        throw boost::system::system_error(code);
    }
    while (is_mine && !waiting.empty() && messages.size() < max) {
        auto [id, body] = std::move(waiting.front());
        waiting.pop_front();
        messages.push_back(std::make_unique<Message>(this, std::move(id), std::move(body)));
    }
    co_return messages;
}

Task<Mediation> ScriptedMediator::mediate(protocol::DispatchMessage pointer) {
    seen.push_back(pointer.id);
    ++running;
    running_max = std::max(running_max, running);
    if (const auto latch = latches_.find(pointer.id); latch != latches_.end()) {
        auto wait = latch->second->opened();
        try {
            co_await std::move(wait);
        } catch (...) {
            --running;
            throw;
        }
    }
    --running;
    auto& answers = outcomes[pointer.id];
    if (answers.empty()) co_return Mediation{};
    Mediation answer = answers.front();
    answers.pop_front();
    co_return answer;
}

std::string pointer_body(const std::string& id, const std::string& group, const std::string& pool) {
    protocol::DispatchMessage message;
    message.id = id;
    message.pool_code = pool;
    message.message_group_id = group;
    message.mediation_target = "http://target";
    return protocol::to_body(message);
}

}  // namespace fc::router
