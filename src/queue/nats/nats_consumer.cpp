#include "queue/nats/nats_consumer.h"

#include "base/error.h"
#include "queue/nats/ack_subject.h"
#include "queue/nats/js_api.h"
#include "runtime/log.h"

#include <algorithm>
#include <charconv>

namespace fc::queue {

namespace {

constexpr Millis pull_expires{30'000};
constexpr Millis pull_margin{2'000};
constexpr std::uint64_t info_index = 0;  // pulls count from 1

class NatsQueueMessage : public QueueMessage {
public:
    NatsQueueMessage(std::shared_ptr<Link> link, NatsMessage message)
        : link_(std::move(link)),
          message_(std::move(message)),
          reply_(natsMsg_GetReply(message_.get())) {}

    std::string_view body() const override { return body_of(*message_); }
    std::string id() const override {
        const auto given = header_of(*message_, "Nats-Msg-Id");
        if (!given.empty()) return std::string{given};
        const auto ack = parse_ack_subject(reply_);
        return ack ? std::string{ack->stream} + ":" + std::to_string(ack->sequence) : std::string{};
    }
    std::string group() const override { return std::string{header_of(*message_, "Nats-Msg-Group")}; }
    unsigned deliveries() const override {
        const auto ack = parse_ack_subject(reply_);
        return ack ? ack->deliveries : 1;
    }

private:
    void send_ack() override { link_->send(reply_, "+ACK"); }
    void send_nack(Millis delay) override {
        const auto nanos = std::chrono::nanoseconds{delay}.count();
        link_->send(reply_, R"(-NAK {"delay":)" + std::to_string(nanos) + "}");
    }
    void send_extend() override { link_->send(reply_, "+WPI"); }

    std::shared_ptr<Link> link_;
    NatsMessage message_;
    std::string reply_;
};

}  // namespace

NatsConsumer::NatsConsumer(std::shared_ptr<Link> link, Settings settings)
    : link_(std::move(link)),
      settings_(std::move(settings)),
      next_subject_("$JS.API.CONSUMER.MSG.NEXT." + settings_.stream + "." + settings_.durable),
      info_subject_("$JS.API.CONSUMER.INFO." + settings_.stream + "." + settings_.durable),
      route_(link_->add(*this)),
      arrived_(link_->executor()),
      extend_timer_(link_->executor()) {
    link_->add_consumer(settings_.durable, *this);
}

NatsConsumer::~NatsConsumer() {
    link_->remove_consumer(settings_.durable, *this);
    link_->remove(route_);
}

Task<std::vector<std::unique_ptr<QueueMessage>>> NatsConsumer::fetch(std::size_t max, Millis wait) {
    FC_ASSERT(max > 0, "a fetch has room for a message");
    const auto deadline = Wake::after(wait);
    for (;;) {
        throw_if_ended();
        pull(max);
        if (!waiting_.empty()) co_return take(max);
        const auto now = Wake::after(Millis{0});
        if (now >= deadline) co_return std::vector<std::unique_ptr<QueueMessage>>{};
        // A pull that ended unnoticed must not leave us waiting for nothing.
        const auto until = on_their_way_ > 0 ? std::min(deadline, pulls_end_) : deadline;
        co_await arrived_.wait_until(until);
    }
}

void NatsConsumer::throw_if_ended() const {
    if (link_->is_closed()) throw boost::system::system_error(QueueErrc::stopped);
    if (lost_) throw boost::system::system_error(QueueErrc::consumer_lost, settings_.durable);
}

/// Keeps up to `max` asked for, with a request only when half of that has come.
void NatsConsumer::pull(std::size_t max) {
    const auto now = Wake::after(Millis{0});
    if (now >= pulls_end_ && on_their_way_ > 0) {
        on_their_way_ = 0;
        doubtful_ = true;
    }
    if (doubtful_ && link_->send(info_subject_, "", link_->reply_to(route_, info_index))) doubtful_ = false;
    const auto have = waiting_.size() + on_their_way_;
    if (!link_->is_connected() || have >= max || on_their_way_ > max / 2) return;
    if (!link_->send(
            next_subject_, js::pull(max - have, pull_expires), link_->reply_to(route_, ++last_pull_)))
        return;
    on_their_way_ = max - waiting_.size();
    pulls_end_ = now + pull_expires + pull_margin;
}

std::vector<std::unique_ptr<QueueMessage>> NatsConsumer::take(std::size_t max) {
    std::vector<std::unique_ptr<QueueMessage>> taken;
    const auto count = std::min(max, waiting_.size());
    taken.reserve(count);
    settings_.consumed_total.increment(static_cast<double>(count));
    for (std::size_t i = 0; i < count; ++i) {
        taken.push_back(std::make_unique<NatsQueueMessage>(link_, std::move(waiting_.front())));
        waiting_.pop_front();
    }
    return taken;
}

void NatsConsumer::on_delivery(NatsMessage message) {
    if (on_their_way_ > 0) --on_their_way_;
    waiting_.push_back(std::move(message));
    if (waiting_.size() == 1) arrived_.notify();
    if (!extending_) extend_waiting();
}

void NatsConsumer::on_reply(std::uint64_t index, NatsMessage message) {
    if (const auto status = status_of(*message); !status.empty()) {
        if (index != info_index) on_status(status, *message);
    } else if (index == info_index) {
        verify(body_of(*message));
    }
}

void NatsConsumer::verify(std::string_view answer) {
    const auto refusal = js::error_of(answer);
    if (refusal) {
        lost_ = lost_ || refusal->code == static_cast<int>(js::Code::consumer_missing) ||
                refusal->code == static_cast<int>(js::Code::stream_missing);
    } else {
        lost_ = lost_ || js::owner_of(answer) != settings_.owner;
    }
    if (lost_) arrived_.notify();
}

/// The end of one pull: expired, or nobody there to answer it.
void NatsConsumer::on_status(std::string_view status, natsMsg& message) {
    const auto description = header_of(message, "Description");
    lost_ = lost_ || status == "503" || description == "Consumer Deleted";
    const auto left_text = header_of(message, "Nats-Pending-Messages");
    std::size_t left = on_their_way_;
    std::from_chars(left_text.data(), left_text.data() + left_text.size(), left);
    on_their_way_ -= std::min(left, on_their_way_);
    if (status != "408" && status != "404") {
        log::info("pull ended", {{"consumer", settings_.durable}, {"status", status}, {"why", description}});
    }
    arrived_.notify();
}

/// Messages that nobody fetched yet are ours all the same: the server must not deliver them again behind our
/// back.
void NatsConsumer::extend_waiting() {
    extending_ = true;
    extend_timer_.expires_after(settings_.ack_wait / 3);
    extend_timer_.async_wait([this, alive = std::weak_ptr<bool>{alive_}](auto error) {
        if (error || alive.expired()) return;
        extending_ = false;
        if (waiting_.empty()) return;
        for (const auto& message : waiting_) link_->send(natsMsg_GetReply(message.get()), "+WPI");
        extend_waiting();
    });
}

void NatsConsumer::on_connected() {
    on_their_way_ = 0;
    doubtful_ = true;
    arrived_.notify();
}

void NatsConsumer::on_closed() {
    arrived_.notify();
}

}  // namespace fc::queue
