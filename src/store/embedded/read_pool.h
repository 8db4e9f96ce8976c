#pragma once

#include "runtime/blocking_pool.h"
#include "store/embedded/sqlite.h"
#include "store/embedded/store_metrics.h"

#include <boost/system/system_error.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fc::store::sqlite {

/// Read-only connections, each used by one thread at a time. A read that takes longer than its deadline is
/// interrupted and throws Failure STORE_READ_TOO_LONG.
class ReadPool {
public:
    /// `set_up` is done to each new connection.
    ReadPool(
        std::string path,
        BlockingPool& threads,
        Millis deadline,
        const StoreMetrics& metrics = {},
        std::function<void(Connection&)> set_up = [](Connection&) {})
        : path_(std::move(path)),
          threads_(threads),
          deadline_(deadline),
          metrics_(metrics, "read"),
          set_up_(std::move(set_up)) {}

    /// Runs `query(Connection&)` on the blocking pool inside one snapshot, within `deadline`, else the
    /// pool's.
    template <class F>
    Task<std::invoke_result_t<F&, Connection&>> read(F query, std::optional<Millis> deadline = {}) {
        auto work = [this, query = std::move(query), within = deadline.value_or(deadline_)]() mutable {
            try {
                const Lease lease(*this, within);
                return query(*lease.connection);
            } catch (const boost::system::system_error& failure) {
                fail(failure, within);
            }
        };
        co_return co_await on_blocking_pool(threads_, std::move(work));
    }

private:
    struct Lease {
        Lease(ReadPool& pool, Millis deadline);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ReadPool& pool;
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point started;
    };
    std::unique_ptr<Connection> open() const;
    /// Inside the handler of `failure`.
    [[noreturn]] static void fail(const boost::system::system_error& failure, Millis deadline);

    std::string path_;
    BlockingPool& threads_;
    Millis deadline_;
    OperationMetrics metrics_;
    std::function<void(Connection&)> set_up_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace fc::store::sqlite
