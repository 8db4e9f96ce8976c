#include "queue/nats/nats_queue.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/random.h"
#include "queue/nats/js_api.h"
#include "queue/nats/link.h"
#include "queue/nats/nats_consumer.h"
#include "queue/nats/wake.h"
#include "runtime/log.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace fc::queue {

namespace {

constexpr std::size_t owner_bytes = 8;
constexpr std::size_t publish_unconfirmed_max = 2'048;

boost::system::system_error error(QueueErrc code, const std::string& detail) {
    return boost::system::system_error(code, detail);
}

/// A place in the link's table of receivers, given back with the request that took it.
class Registered : public Receiver {
public:
    explicit Registered(std::shared_ptr<Link> link)
        : link_(std::move(link)),
          changed_(link_->executor()),
          route_(link_->add(*this)) {}
    ~Registered() override { link_->remove(route_); }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

    void on_closed() override { changed_.notify(); }

protected:
    std::shared_ptr<Link> link_;
    Wake changed_;
    std::uint64_t route_;
};

/// One request to the JetStream API and its answer.
class Request : public Registered {
public:
    using Registered::Registered;

    Task<std::string> answer(std::string subject, std::string body, Millis timeout) {
        const auto deadline = Wake::after(timeout);
        const bool sent = link_->is_connected() && link_->send(subject, body, link_->reply_to(route_, 0));
        while (sent && !answer_ && !link_->is_closed() && Wake::after(Millis{0}) < deadline) {
            co_await changed_.wait_until(deadline);
        }
        if (link_->is_closed()) throw error(QueueErrc::stopped, subject);
        if (!answer_) throw error(QueueErrc::unreachable, subject);
        if (const auto status = status_of(*answer_); !status.empty()) {
            throw error(QueueErrc::unreachable, "no JetStream answers " + subject);
        }
        co_return std::string{body_of(*answer_)};
    }

private:
    void on_reply(std::uint64_t, NatsMessage message) override {
        answer_ = std::move(message);
        changed_.notify();
    }
    NatsMessage answer_;
};

/// Messages published together, and what the server said to each.
class PublishBatch : public Registered {
public:
    using Registered::Registered;

    void publish(const std::string& prefix, std::span<const OutgoingMessage> messages) {
        outcomes_.assign(messages.size(), PublishOutcome::failed);
        answered_.assign(messages.size(), false);
        if (!link_->is_connected()) {
            // libnats would keep them for the reconnect, long after the caller has given up on them.
            refused(messages.size(), "not connected");
            return;
        }
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const auto& message = messages[i];
            const auto subject = prefix + message.subject.tokens();
            const auto reply_to = link_->reply_to(route_, i);
            const Outgoing outgoing{subject, message.body, reply_to, message.message_id, message.group};
            if (link_->send(outgoing)) {
                ++open_;
            } else {
                answered_[i] = true;
                refused(1, "too much is waiting to be sent");
            }
        }
    }

    Task<std::vector<PublishOutcome>> outcomes(Millis timeout) {
        const auto deadline = Wake::after(timeout);
        while (open_ > 0 && !link_->is_closed() && Wake::after(Millis{0}) < deadline) {
            co_await changed_.wait_until(deadline);
        }
        if (open_ > 0) refused(open_, "no answer within the deadline");
        if (failed_ > 0) log::warn("messages not published", {{"count", failed_}, {"why", why_}});
        co_return std::move(outcomes_);
    }

private:
    void on_reply(std::uint64_t index, NatsMessage message) override {
        if (index >= outcomes_.size() || answered_[index]) return;
        answered_[index] = true;
        const auto answer = body_of(*message);
        switch (js::confirmation(answer)) {
            case js::Confirmation::stored: outcomes_[index] = PublishOutcome::stored; break;
            case js::Confirmation::duplicate: outcomes_[index] = PublishOutcome::duplicate; break;
            case js::Confirmation::refused:
                refused(1, answer.empty() ? std::string{"no stream takes it"} : std::string{answer});
                break;
        }
        if (--open_ == 0) changed_.notify();
    }

    void refused(std::size_t count, std::string why) {
        failed_ += count;
        if (why_.empty()) why_ = std::move(why);
    }

    std::vector<PublishOutcome> outcomes_;
    std::vector<bool> answered_;
    std::size_t open_ = 0;
    std::size_t failed_ = 0;
    std::string why_;
};

class NatsQueue : public Queue {
public:
    NatsQueue(NatsConfig config, boost::asio::io_context& io, QueueMetrics metrics)
        : config_(std::move(config)),
          metrics_(metrics),
          link_(Link::open(config_, io)),
          prefix_(config_.subject_prefix + ".") {}
    ~NatsQueue() override { link_->close(); }

    Task<StreamState> stream() override;
    Task<std::vector<PublishOutcome>> publish(std::vector<OutgoingMessage> messages) override;
    Task<std::vector<SubjectBacklog>> subjects() override;
    Task<std::unique_ptr<Consumer>> take_pool(PoolSubject subject) override;
    bool is_connected() const override { return link_->is_connected(); }
    void stop() override { link_->close(); }

private:
    Task<std::string> ask(std::string subject, std::string body);
    Task<std::string> ask_checked(std::string subject, std::string body);

    NatsConfig config_;
    QueueMetrics metrics_;
    std::shared_ptr<Link> link_;
    std::string prefix_;
};

Task<std::string> NatsQueue::ask(std::string subject, std::string body) {
    Request request{link_};
    co_return co_await request.answer("$JS.API." + subject, std::move(body), config_.request_timeout);
}

Task<std::string> NatsQueue::ask_checked(std::string subject, std::string body) {
    auto answer = co_await ask(subject, std::move(body));
    if (const auto refusal = js::error_of(answer))
        throw error(QueueErrc::refused, subject + ": " + refusal->text);
    co_return answer;
}

Task<StreamState> NatsQueue::stream() {
    auto info = co_await ask("STREAM.INFO." + config_.stream, "");
    auto refusal = js::error_of(info);
    if (refusal && refusal->code == static_cast<int>(js::Code::stream_missing)) {
        co_return js::stream_state(
            co_await ask_checked("STREAM.CREATE." + config_.stream, js::create_stream(config_)));
    }
    if (refusal) throw error(QueueErrc::refused, refusal->text);
    std::string why;
    const auto update = js::adapt_stream(info, config_, why);
    if (!update) throw error(QueueErrc::refused, why);
    if (!update->empty()) {
        log::info("stream is changed to keep messages until they are acked", {{"stream", config_.stream}});
        co_await ask_checked("STREAM.UPDATE." + config_.stream, *update);
    }
    co_return js::stream_state(info);
}

Task<std::vector<PublishOutcome>> NatsQueue::publish(std::vector<OutgoingMessage> messages) {
    std::vector<PublishOutcome> outcomes;
    outcomes.reserve(messages.size());
    while (outcomes.size() < messages.size()) {
        const auto first = outcomes.size();
        const auto count = std::min(publish_unconfirmed_max, messages.size() - first);
        PublishBatch batch{link_};
        batch.publish(prefix_, std::span{messages}.subspan(first, count));
        const auto some = co_await batch.outcomes(config_.request_timeout);
        outcomes.insert(outcomes.end(), some.begin(), some.end());
    }
    const auto failed = std::ranges::count(outcomes, PublishOutcome::failed);
    metrics_.publish_errors_total.increment(static_cast<double>(failed));
    metrics_.messages_published_total.increment(static_cast<double>(std::ssize(outcomes) - failed));
    co_return outcomes;
}

Task<std::vector<SubjectBacklog>> NatsQueue::subjects() {
    std::vector<SubjectBacklog> backlogs;
    for (std::size_t offset = 0;;) {
        const auto info = co_await ask_checked("STREAM.INFO." + config_.stream, js::subjects_request(offset));
        const auto page = js::subjects_page(info);
        for (const auto& [subject, count] : page.subjects) {
            if (!subject.starts_with(prefix_)) continue;  // of other uses of the operator's stream
            auto present = PoolSubject::present(std::string_view{subject}.substr(prefix_.size()));
            if (present) {
                backlogs.push_back({.subject = std::move(*present), .messages = count});
            } else {
                log::warn("messages at a subject that cannot be consumed", {{"subject", subject}});
            }
        }
        offset += page.subjects.size();
        if (page.subjects.empty() || offset >= page.total) break;
    }
    std::sort(
        backlogs.begin(), backlogs.end(), [](const auto& a, const auto& b) { return a.subject < b.subject; });
    co_return backlogs;
}

Task<std::unique_ptr<Consumer>> NatsQueue::take_pool(PoolSubject subject) {
    const auto durable = js::durable_name(subject);
    const auto path = config_.stream + "." + durable;
    // A durable gives later messages before the unsettled earlier ones; a new one gives all of them, in
    // order.
    const auto deleted = js::error_of(co_await ask("CONSUMER.DELETE." + path, ""));
    if (deleted && deleted->code != static_cast<int>(js::Code::consumer_missing)) {
        throw error(QueueErrc::refused, "CONSUMER.DELETE." + path + ": " + deleted->text);
    }
    const auto owner = to_hex(random_bytes(owner_bytes));
    const auto request = js::create_consumer(
        config_, {.durable = durable, .filter_subject = prefix_ + subject.tokens(), .owner = owner});
    const auto answer = co_await ask_checked("CONSUMER.DURABLE.CREATE." + path, request);
    if (const auto name = js::consumer_difference(request, answer); !name.empty()) {
        throw error(QueueErrc::refused, "the server does not know the consumer setting '" + name + "'");
    }
    auto settings = NatsConsumer::Settings{
        .stream = config_.stream,
        .durable = durable,
        .owner = owner,
        .ack_wait = config_.ack_wait,
        .consumed_total = metrics_.messages_consumed_total};
    co_return std::make_unique<NatsConsumer>(link_, std::move(settings));
}

}  // namespace

std::unique_ptr<Queue> open_nats_queue(NatsConfig config, boost::asio::io_context& io, QueueMetrics metrics) {
    return std::make_unique<NatsQueue>(std::move(config), io, metrics);
}

}  // namespace fc::queue
