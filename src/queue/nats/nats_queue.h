#pragma once

#include "base/time.h"
#include "base/vocabulary.h"
#include "queue/queue.h"
#include "queue/queue_metrics.h"
#include "runtime/task.h"

#include <memory>
#include <string>

namespace fc::queue {

struct NatsConfig {
    std::string url =
        "nats://localhost:4222";  ///< one or more, separated by commas; user and token may be in it
    std::string stream = "DISPATCH";
    std::string subject_prefix = "dispatch";  ///< messages of a pool are at `<prefix>.<pool>`
    std::string credentials_file{};           ///< of a NATS account; empty: none
    std::string server_id{};  ///< when given, any other server under `url` is refused at opening
    int replicas = 1;         ///< of a stream that we create
    Millis connect_timeout{2'000};
    Millis reconnect_wait{1'000};
    Millis request_timeout{5'000};  ///< also for the confirmations of one publish
    Millis ack_wait{120'000};
    /// Of a stream that we create: long enough to publish again after a missing answer. The server keeps
    /// every id of the window in memory, some 150 bytes each.
    Millis duplicate_window{30'000};
};

/// JetStream, from nats-server 2.9 on. Connects once, blocking at most `connect_timeout`; a server that
/// cannot be reached then is tried again in the background, for ever. Throws Failure when the server is not
/// the one of `server_id`, or the settings are unusable. Everything else happens on the thread that runs
/// `io`.
std::unique_ptr<Queue> open_nats_queue(
    NatsConfig config, boost::asio::io_context& io, QueueMetrics metrics = {});

}  // namespace fc::queue
