#pragma once

#include "base/error.h"
#include "base/time.h"
#include "runtime/task.h"
#include "store/embedded/committer.h"
#include "store/embedded/store_metrics.h"
#include "store/embedded/write_backlog.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace fc::store::sqlite {

/// The one thread that writes. A commit starts as soon as the previous one finished and takes all that came
/// meanwhile; its answers and ready jobs go back to the io thread in one post.
///
/// When the disk refuses a commit, it is asked again once a second; until it takes one, what is submitted
/// fails at once.
class Writer {
public:
    using ReadySink = std::function<void(std::vector<ReadyJob>)>;

    Writer(std::unique_ptr<Connection> connection, Executor io, const StoreMetrics& metrics = {});
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void on_ready(ReadySink sink) { sink_ = std::move(sink); }
    void submit(std::unique_ptr<WriteOp> operation);
    /// Why nothing can be stored now. On the io thread.
    const std::optional<Error>& outage() const { return outage_; }
    /// How long an operation that is submitted now will wait for its commit. Any thread.
    Millis wait() const;
    /// What rows do not say yet. Any thread.
    const UnsavedHeads& unsaved_heads() const { return committer_.unsaved_heads(); }

private:
    using Operations = std::vector<std::unique_ptr<WriteOp>>;
    using SteadyClock = std::chrono::steady_clock;
    struct Refusal {
        std::exception_ptr failure;
        SteadyClock::time_point since;
        SteadyClock::time_point next_probe;
    };

    void work();
    /// Waits for operations; empty when it is time to stop, or after `idle`.
    Operations next_batch(Millis idle);
    CommitResult commit(const Operations& operations);
    void checkpoint(std::size_t log_bytes_max);
    void begin_refusal(const std::exception_ptr& failure);
    void ask_again();
    void end_commit();
    void hand_back(Operations operations, CommitResult result);

    std::unique_ptr<Connection> connection_;
    Committer committer_;
    Executor io_;
    OperationMetrics commits_;
    OperationMetrics checkpoints_;
    metrics::Counter writes_;
    ReadySink sink_;
    std::optional<Error> outage_;     ///< on the io thread
    std::optional<Refusal> refusal_;  ///< the same on the writer thread

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Operations queue_;
    WriteBacklog backlog_;
    bool urgent_ = false;
    bool sleeping_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace fc::store::sqlite
