#pragma once

#include "queue/nats/nats_queue.h"
#include "queue/queue.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Bodies of requests to `$JS.API` and what their answers say. No I/O. The C client lacks some of these
/// fields, and old servers silently drop what they do not know, so answers are compared with what was asked.
namespace fc::queue::js {

enum class Code { none, consumer_missing = 10014, stream_exists = 10058, stream_missing = 10059 };

struct ApiError {
    int code = 0;
    std::string text;
};
/// The error in an answer; nullopt when it is none.
std::optional<ApiError> error_of(std::string_view answer);

std::string create_stream(const NatsConfig& config);
/// The update that makes an existing stream keep messages until they are acked; "" when it does already. What
/// else its operator chose stays. nullopt: it cannot be changed into that (`why`).
std::optional<std::string> adapt_stream(std::string_view info, const NatsConfig& config, std::string& why);
StreamState stream_state(std::string_view info);

std::string subjects_request(std::size_t offset);
struct SubjectsPage {
    std::vector<std::pair<std::string, std::uint64_t>> subjects;
    std::size_t total = 0;
};
SubjectsPage subjects_page(std::string_view info);

/// A durable's name says which subject it is for; a long one is cut to a digest.
std::string durable_name(const PoolSubject& subject);
struct NewConsumer {
    std::string durable;
    std::string filter_subject;
    std::string
        owner;  ///< tells this one from an earlier or later one of the same name; kept as its description
};
std::string create_consumer(const NatsConfig& config, const NewConsumer& consumer);
/// The owner of the consumer that an answer describes.
std::string owner_of(std::string_view answer);
/// The first setting that the server's echo lacks or changed; "" when it is as asked.
std::string consumer_difference(std::string_view request, std::string_view answer);

std::string pull(std::size_t max, Millis expires);

enum class Confirmation { stored, duplicate, refused };
Confirmation confirmation(std::string_view answer);

}  // namespace fc::queue::js
