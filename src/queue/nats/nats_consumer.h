#pragma once

#include "queue/nats/link.h"
#include "queue/nats/wake.h"
#include "runtime/metrics.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace fc::queue {

/// What one durable consumer delivers. A pull that asked for more than has come stays open at the server, so
/// that the next message needs no request; what arrives between two fetches is kept, and its ack wait
/// extended.
class NatsConsumer : public Consumer, public Receiver {
public:
    struct Settings {
        std::string stream;
        std::string durable;
        std::string owner;  ///< told by the server when asked whose consumer this is
        Millis ack_wait;
        metrics::Counter consumed_total{};
    };
    NatsConsumer(std::shared_ptr<Link> link, Settings settings);
    ~NatsConsumer() override;

    Task<std::vector<std::unique_ptr<QueueMessage>>> fetch(std::size_t max, Millis wait) override;

private:
    void on_reply(std::uint64_t index, NatsMessage message) override;
    void on_delivery(NatsMessage message) override;
    void on_connected() override;
    void on_closed() override;
    void on_status(std::string_view status, natsMsg& message);
    void pull(std::size_t max);
    void verify(std::string_view answer);
    std::vector<std::unique_ptr<QueueMessage>> take(std::size_t max);
    void extend_waiting();
    void throw_if_ended() const;

    std::shared_ptr<Link> link_;
    Settings settings_;
    std::string next_subject_;
    std::string info_subject_;
    std::uint64_t route_;
    Wake arrived_;
    std::deque<NatsMessage> waiting_;
    std::size_t on_their_way_ = 0;  ///< asked for and not yet come
    Wake::Deadline pulls_end_{};
    std::uint64_t last_pull_ = 0;
    bool lost_ = false;
    bool doubtful_ =
        false;  ///< to be asked whether the consumer still exists: the server ignores pulls of a missing one
    Timer extend_timer_;
    bool extending_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace fc::queue
