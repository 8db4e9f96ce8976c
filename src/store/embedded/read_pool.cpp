#include "store/embedded/read_pool.h"

#include "base/error.h"

#include <sqlite3.h>

#include <exception>

namespace fc::store::sqlite {
namespace {

constexpr int steps_between_checks = 10'000;
thread_local std::chrono::steady_clock::time_point deadline_of_this_thread;

int is_late(void*) {
    return std::chrono::steady_clock::now() > deadline_of_this_thread ? 1 : 0;
}

}  // namespace

ReadPool::Lease::Lease(ReadPool& owner, Millis deadline)
    : pool(owner),
      started(std::chrono::steady_clock::now()) {
    {
        const std::scoped_lock lock(pool.mutex_);
        if (!pool.idle_.empty()) {
            connection = std::move(pool.idle_.back());
            pool.idle_.pop_back();
        }
    }
    if (!connection) connection = pool.open();
    deadline_of_this_thread = started + deadline;
    connection->exec("begin");
}

ReadPool::Lease::~Lease() {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    pool.metrics_.count(std::uncaught_exceptions() == 0, took.count());
    // A connection that cannot end its snapshot is not used again.
    if (sqlite3_exec(connection->handle(), "rollback", nullptr, nullptr, nullptr) != SQLITE_OK) return;
    const std::scoped_lock lock(pool.mutex_);
    pool.idle_.push_back(std::move(connection));
}

std::unique_ptr<Connection> ReadPool::open() const {
    auto connection = std::make_unique<Connection>(path_, Access::read_only);
    set_up_(*connection);
    connection->exec("pragma query_only = on");
    connection->exec("pragma cache_size = -4096");
    sqlite3_progress_handler(connection->handle(), steps_between_checks, is_late, nullptr);
    return connection;
}

void ReadPool::fail(const boost::system::system_error& failure, Millis deadline) {
    if (failure.code() != boost::system::error_code(SQLITE_INTERRUPT, category())) throw;
    throw Failure(unavailable(
        "STORE_READ_TOO_LONG",
        "the read took longer than " + std::to_string(deadline.count()) + " ms; ask for less at once"));
}

}  // namespace fc::store::sqlite
