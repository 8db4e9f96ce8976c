#include "messaging/dispatch_pool/dispatch_pool.h"

namespace fc::messaging {
namespace {

constexpr std::string_view default_code = "default";

}  // namespace

bool is_default(const DispatchPool& pool) {
    return !pool.client_id && pool.code.text() == default_code;
}

std::string pool_key(const DispatchPool& pool) {
    return is_default(pool) ? std::string(default_code) : pool.id.to_string();
}

Result<void> suspend(DispatchPool& pool, TimePoint now) {
    if (pool.status == PoolStatus::archived) return conflict("ALREADY_ARCHIVED", "the pool is archived");
    if (pool.status == PoolStatus::suspended)
        return conflict("ALREADY_SUSPENDED", "the pool is suspended already");
    pool.status = PoolStatus::suspended;
    begin_hold(pool.holds, now);
    return {};
}

Result<void> activate(DispatchPool& pool, TimePoint now) {
    if (pool.status == PoolStatus::archived)
        return conflict("DISPATCH_POOL_ARCHIVED", "an archived pool cannot be used again");
    pool.status = PoolStatus::active;
    end_hold(pool.holds, now);
    return {};
}

Result<void> archive(DispatchPool& pool, TimePoint now) {
    if (is_default(pool)) return conflict("DEFAULT_POOL", "the platform's default pool cannot be archived");
    if (pool.status == PoolStatus::archived)
        return conflict("ALREADY_ARCHIVED", "the pool is archived already");
    pool.status = PoolStatus::archived;
    begin_hold(pool.holds, now);
    return {};
}

}  // namespace fc::messaging
