#pragma once

#include "base/time.h"
#include "queue/subject.h"
#include "runtime/task.h"

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace fc::queue {

/// A nack waits at least this long: a message that comes back at once is a loop that eats a core.
inline constexpr Millis nack_delay_min{100};

/// What a wait for the broker can end with, thrown as `boost::system::system_error`.
enum class QueueErrc {
    unreachable = 1,  ///< not connected, or no answer within the deadline
    consumer_lost,  ///< the consumer is gone from the broker (another owner took the pool, or the stream was
                    ///< lost)
    refused,        ///< the broker refused the request, or answered with another configuration than asked
    stopped         ///< the queue was stopped
};
boost::system::error_code make_error_code(QueueErrc error);

struct OutgoingMessage {
    PoolSubject subject;
    std::string message_id;  ///< refused as duplicate within the broker's window; empty: not checked
    std::string group;
    std::string body;
};

enum class PublishOutcome {
    stored,
    duplicate,  ///< the broker has or had a message of this id within its window, and stored nothing
    failed      ///< not confirmed: it may be stored or not. Publish it again, under the same id
};

/// One delivery of one message, to be settled once: the first of ack and nack counts, later calls do nothing.
/// Unsettled, it comes back after the ack wait of the broker, or when its pool is taken. Settling sends
/// without waiting; a settlement that is lost with the connection means a redelivery. Used on the io thread.
class QueueMessage {
public:
    virtual ~QueueMessage() = default;
    QueueMessage() = default;
    QueueMessage(const QueueMessage&) = delete;
    QueueMessage& operator=(const QueueMessage&) = delete;

    /// The bytes as published, whether or not they are what the router understands.
    virtual std::string_view body() const = 0;
    /// The id given at publishing, else one made from the stream and its sequence ("DISPATCH:42").
    virtual std::string id() const = 0;
    virtual std::string group() const = 0;
    /// 1 for the first delivery.
    virtual unsigned deliveries() const = 0;

    void ack();
    /// Delivered again after `delay`, which is raised to `nack_delay_min`.
    void nack(Millis delay);
    /// Starts the ack wait again; nothing when settled.
    void extend();

private:
    virtual void send_ack() = 0;
    virtual void send_nack(Millis delay) = 0;
    virtual void send_extend() = 0;
    bool settled_ = false;
};

/// The messages of one subject. Destroying it stops the flow; what is unsettled comes back to the next owner.
class Consumer {
public:
    virtual ~Consumer() = default;
    /// Between 1 and `max` messages as soon as there are any, in stream order; none after `wait`. At most
    /// `max` are on their way afterwards. One caller at a time. Throws QueueErrc::consumer_lost: take the
    /// pool again.
    virtual Task<std::vector<std::unique_ptr<QueueMessage>>> fetch(std::size_t max, Millis wait) = 0;
};

/// Tells one stream from a later one of the same name: what was published to a lost stream has to be
/// published again.
struct StreamState {
    std::string created;
    std::uint64_t last_sequence = 0;
    std::uint64_t messages = 0;
};

/// Whether `now` is the stream that `before` was: the same creation time, and no sequence taken back.
bool is_same_stream(const StreamState& before, const StreamState& now);

struct SubjectBacklog {
    PoolSubject subject;
    std::uint64_t messages = 0;  ///< waiting or unsettled
};

/// The way of message pointers to the router that owns their pool. Lives on one io thread; every wait has a
/// deadline and honours cancellation. Messages stay until acked: no age limit, no delivery limit.
class Queue {
public:
    virtual ~Queue() = default;

    /// Creates the stream where it is missing, and answers which one it is.
    virtual Task<StreamState> stream() = 0;
    /// One outcome for each message, in order. Never throws for an unreachable broker: those messages are
    /// `failed`.
    virtual Task<std::vector<PublishOutcome>> publish(std::vector<OutgoingMessage> messages) = 0;
    /// The subjects that hold messages, other producers' among them.
    virtual Task<std::vector<SubjectBacklog>> subjects() = 0;
    /// Makes the caller the owner of the subject: every unsettled message comes again, in order, before later
    /// ones.
    virtual Task<std::unique_ptr<Consumer>> take_pool(PoolSubject subject) = 0;

    virtual bool is_connected() const = 0;
    /// Ends every wait with QueueErrc::stopped and closes the connection. The queue may then be destroyed as
    /// soon as no coroutine of it runs.
    virtual void stop() = 0;
};

}  // namespace fc::queue

template <>
struct boost::system::is_error_code_enum<fc::queue::QueueErrc> : std::true_type {};
