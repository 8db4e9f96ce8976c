#include "queue/queue.h"

#include <algorithm>

namespace fc::queue {

namespace {

class Category : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "queue"; }
    std::string message(int value) const override {
        switch (static_cast<QueueErrc>(value)) {
            case QueueErrc::unreachable: return "the broker cannot be reached";
            case QueueErrc::consumer_lost: return "the consumer of this pool is gone from the broker";
            case QueueErrc::refused: return "the broker refused the request";
            case QueueErrc::stopped: return "the queue was stopped";
        }
        return "unknown queue error";
    }
};

}  // namespace

boost::system::error_code make_error_code(QueueErrc error) {
    static const Category category;
    return {static_cast<int>(error), category};
}

void QueueMessage::ack() {
    if (settled_) return;
    settled_ = true;
    send_ack();
}

void QueueMessage::nack(Millis delay) {
    if (settled_) return;
    settled_ = true;
    send_nack(std::max(delay, nack_delay_min));
}

void QueueMessage::extend() {
    if (!settled_) send_extend();
}

bool is_same_stream(const StreamState& before, const StreamState& now) {
    return before.created == now.created && before.last_sequence <= now.last_sequence;
}

}  // namespace fc::queue
