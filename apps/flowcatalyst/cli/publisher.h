#pragma once

#include "flowcatalyst/cli/event_file.h"
#include "http/client.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fc::cli {

struct PublishCounts {
    std::size_t accepted = 0;
    std::size_t duplicates = 0;  ///< stored before under the same deduplication id
    std::size_t refused = 0;

    std::size_t all() const { return accepted + duplicates + refused; }
};

/// Publishes events through the batch API in their order, one request at a time. A refused event is told and
/// left out, the others of its batch are published.
class Publisher {
public:
    struct Options {
        std::string url;
        std::string token;
        std::size_t batch_events_max = 100;
        std::function<void(const std::string& problem)> refused;  ///< an event, by place, and why
        std::function<void(const PublishCounts& counts)> progress;
    };
    explicit Publisher(Options options) : options_(std::move(options)) {}

    /// Throws Failure when the server cannot be reached, or answers what has nothing to do with the events.
    /// What was published before is in the counts. `client` and the events' text live until it ends.
    Task<> publish(http::Client* client, std::vector<FileEvent> events);

    const PublishCounts& counts() const { return counts_; }

private:
    using Batch = std::vector<FileEvent>;

    /// Asks again while the server has no time (429, 503).
    Task<http::ClientResponse> send(http::Client* client, std::string body);

    /// What to do with a batch after an answer: the parts of it that are still to be sent, in order.
    std::vector<Batch> judge(Batch batch, const http::ClientResponse& response);
    std::vector<Batch> leave_out_refused(Batch batch, const std::string& problem_body, int status);
    void count_stored(const std::string& body, std::size_t events);
    void refuse(const std::string& place, const FieldError& fault);

    Options options_;
    PublishCounts counts_;
};

}  // namespace fc::cli
