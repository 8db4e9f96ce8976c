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
#include <string_view>
#include <tuple>
#include <vector>

namespace fc::messaging {

enum class PoolStatus { active, suspended, archived };
BOOST_DESCRIBE_ENUM(PoolStatus, active, suspended, archived)

struct DispatchPool;

/// What a pool shows to whoever may see it.
struct DispatchPoolFacts {
    Id<DispatchPool> id;
    Tsid client_id;  ///< 0: the platform's
    Code code;       ///< unique within the client; the platform's "default" is seeded
    std::string name;
    std::string description;
    Bounded<1, 10'000> concurrency = 10;
    std::optional<Bounded<1, 10'000'000>> rate_limit_per_min;  ///< nullopt: no limit
    PoolStatus status = PoolStatus::active;
    TimePoint created_at;
    TimePoint updated_at;
};
BOOST_DESCRIBE_STRUCT(
    DispatchPoolFacts,
    (),
    (id, client_id, code, name, description, concurrency, rate_limit_per_min, status, created_at, updated_at))

/// How much of a target's capacity deliveries may use. Source: README "Dispatch Pools", reference 3.5.
struct DispatchPool : DispatchPoolFacts {
    std::vector<Hold> holds;  ///< when it was suspended: age does not run then

    bool holds_jobs() const { return status != PoolStatus::active; }
};
BOOST_DESCRIBE_STRUCT(DispatchPool, (DispatchPoolFacts), (holds))

/// The platform's pool that everything without another one uses: seeded, never deleted or archived.
bool is_default(const DispatchPool& pool);
/// What the router calls a pool: "default" for the platform's, else its id.
std::string pool_key(const DispatchPool& pool);

// Rules: what an operator may do when. Suspended and archived pools hold their jobs.
Result<void> suspend(DispatchPool& pool, TimePoint now);   ///< ALREADY_SUSPENDED, ALREADY_ARCHIVED
Result<void> activate(DispatchPool& pool, TimePoint now);  ///< DISPATCH_POOL_ARCHIVED
Result<void> archive(DispatchPool& pool, TimePoint now);   ///< ALREADY_ARCHIVED, DEFAULT_POOL

}  // namespace fc::messaging

template <>
struct fc::store::Collection<fc::messaging::DispatchPool> {
    static constexpr std::string_view name = "dispatch_pools";
    static constexpr std::string_view not_found = "DISPATCH_POOL_NOT_FOUND";
    static Tsid client(const fc::messaging::DispatchPool& pool) { return pool.client_id; }
    static std::string code(const fc::messaging::DispatchPool& pool) { return pool.code.text(); }
};
