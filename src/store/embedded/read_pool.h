#pragma once

#include "runtime/blocking_pool.h"
#include "store/embedded/sqlite.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fc::store::sqlite {

/// Read-only connections, each used by one thread at a time. A read that takes longer than its deadline is
/// interrupted.
class ReadPool {
public:
    ReadPool(std::string path, BlockingPool& threads, Millis deadline)
        : path_(std::move(path)),
          threads_(threads),
          deadline_(deadline) {}

    /// Runs `query(Connection&)` on the blocking pool inside one snapshot.
    template <class F>
    Task<std::invoke_result_t<F&, Connection&>> read(F query) {
        auto work = [this, query = std::move(query)]() mutable {
            const Lease lease(*this);
            return query(*lease.connection);
        };
        co_return co_await on_blocking_pool(threads_, std::move(work));
    }

private:
    struct Lease {
        explicit Lease(ReadPool& pool);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ReadPool& pool;
        std::unique_ptr<Connection> connection;
    };
    std::unique_ptr<Connection> open() const;

    std::string path_;
    BlockingPool& threads_;
    Millis deadline_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace fc::store::sqlite
