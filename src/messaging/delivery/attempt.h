#pragma once

#include "base/id.h"
#include "base/time.h"
#include "codec/json.h"
#include "messaging/delivery/classify.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>

namespace fc::messaging {

/// Where the time of an attempt went, in microseconds. Connect and TLS are 0 on a reused connection.
struct AttemptTimings {
    std::int64_t queue_wait = 0;  ///< from ready to sent: permits, rate, breaker
    std::int64_t connect = 0;
    std::int64_t tls = 0;
    std::int64_t first_byte = 0;
    std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(AttemptTimings, (), (queue_wait, connect, tls, first_byte, total))

/// One request to the target, as it is stored and shown. Source: reference 3.6.
struct DeliveryAttempt {
    Tsid id;
    std::int64_t attempt_number = 0;
    TimePoint attempted_at;
    TimePoint completed_at;
    std::int64_t duration_millis = 0;
    AttemptStatus status = AttemptStatus::success;
    std::optional<int> response_code;
    std::optional<std::string> response_body;  ///< at most 4 KiB
    std::optional<std::string> error_message;
    std::optional<AttemptErrorType> error_type;
    std::string target_url;
    AttemptTimings timings_micros;
    TimePoint created_at;
};
BOOST_DESCRIBE_STRUCT(
    DeliveryAttempt,
    (),
    (id,
     attempt_number,
     attempted_at,
     completed_at,
     duration_millis,
     status,
     response_code,
     response_body,
     error_message,
     error_type,
     target_url,
     timings_micros,
     created_at))

/// An attempt in JSON, answered as it was stored.
struct StoredAttempt : RawJson {};

}  // namespace fc::messaging

template <>
struct fc::codec::Traits<fc::messaging::StoredAttempt> : Traits<RawJson> {
    static std::string schema(auto& schemas) { return schemas.template of<fc::messaging::DeliveryAttempt>(); }
};
