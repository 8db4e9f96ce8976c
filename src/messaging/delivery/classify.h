#pragma once

#include "base/time.h"
#include "http/client.h"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace fc::messaging {

/// What an answer of a target means for the job.
enum class DeliveryOutcome {
    delivered,
    not_yet,   ///< 2xx with {"ack":false}: wait, without spending an attempt
    retry,     ///< may succeed later
    rejected,  ///< will not: the job ends in ERROR at once
    gone       ///< 410: the target wants no more; pause the subscription
};

/// `status` of an attempt, as clients read it.
enum class AttemptStatus { success, client_error, server_error, timeout, connection_error };
BOOST_DESCRIBE_ENUM(AttemptStatus, success, client_error, server_error, timeout, connection_error)

/// `errorType` of an attempt.
enum class AttemptErrorType { transient, permanent, unknown };
BOOST_DESCRIBE_ENUM(AttemptErrorType, transient, permanent, unknown)

/// What one attempt led to.
struct Classification {
    DeliveryOutcome outcome = DeliveryOutcome::delivered;
    AttemptStatus status = AttemptStatus::success;
    std::optional<AttemptErrorType> error_type;
    std::string error;  ///< for people; empty when delivered
    Millis wait{};      ///< `not_yet`: how long; `retry`: what the target asked for, or zero
};

constexpr Millis not_yet_wait{30'000};  ///< when the answer does not say
constexpr Millis not_yet_wait_max{43'200'000};

/// Judges a response (design 3.2). `wall` is for a `Retry-After` date.
Classification classify(const http::ClientResponse& response, TimePoint wall);

/// The start of a response body for the attempt's record: at most 4 KiB, valid UTF-8 without NUL.
std::string body_excerpt(std::string_view body);

}  // namespace fc::messaging
