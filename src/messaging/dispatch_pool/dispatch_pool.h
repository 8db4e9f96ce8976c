#pragma once

#include "base/id.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "messaging/delivery/holds.h"
#include "store/repository.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fc::messaging {

enum class PoolStatus { active, suspended, archived };
BOOST_DESCRIBE_ENUM(PoolStatus, active, suspended, archived)

/// How much of a target's capacity deliveries may use. Source: README "Dispatch Pools", reference 3.5.
struct DispatchPool {
    Id<DispatchPool> id;
    Tsid client_id;  ///< 0: the platform's
    Code code;       ///< unique within the client; the platform's "default" is seeded
    std::string name;
    std::string description;
    Bounded<1, 10'000> concurrency = 10;
    std::optional<Bounded<1, 10'000'000>> rate_limit_per_min;  ///< nullopt: no limit
    PoolStatus status = PoolStatus::active;
    std::vector<Hold> holds;  ///< when it was suspended: age does not run then
    TimePoint created_at;
    TimePoint updated_at;

    bool holds_jobs() const { return status != PoolStatus::active; }
};
BOOST_DESCRIBE_STRUCT(
    DispatchPool,
    (),
    (id,
     client_id,
     code,
     name,
     description,
     concurrency,
     rate_limit_per_min,
     status,
     holds,
     created_at,
     updated_at))

}  // namespace fc::messaging
