#pragma once

#include "store/embedded/event_table.h"
#include "store/embedded/job_table.h"
#include "store/embedded/lines.h"
#include "store/embedded/tallies.h"

#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace fc::store::sqlite {

/// What an operation works on inside a commit. Writer thread only.
struct Transaction {
    Connection& connection;
    EventTable& events;
    JobTable& jobs;
    Lines& lines;
    Tallies& tallies;
    EventCache& cache;
    std::vector<ReadyJob> ready;  ///< told to the scheduler once the commit is durable

    std::shared_ptr<const EventRecord> load_event(Tsid id);
    void make_ready(JobRecord&& job);
    /// It ended in the same commit that made it ready: nobody is told.
    void take_back_ready(Tsid job);
};

/// How much of a commit must be on the disk before it is answered.
enum class Durability { power_cut, process_death };

/// One part of a commit. `apply` may run again after a rollback, so it sets its result and adds to nothing of
/// its own.
class WriteOp {
public:
    virtual ~WriteOp() = default;
    virtual void apply(Transaction& transaction) = 0;
    /// On the io thread, after the commit or its failure.
    virtual void complete(std::exception_ptr failure) = 0;

    Durability durability = Durability::power_cut;
    /// False: may wait some milliseconds for the next commit, because nobody waits for it.
    bool urgent = true;
    std::size_t rows = 1;  ///< that it writes, as far as one can tell before
};

struct CommitResult {
    std::vector<std::exception_ptr> failures;  ///< one an operation; null: committed
    std::vector<ReadyJob> ready;
    std::exception_ptr outage;  ///< the disk refused
};

/// Runs operations in one transaction; when one fails unexpectedly, rolls back and runs each alone, so that
/// it cannot fail its neighbours. An Outage is the failure of all. No thread of its own: the writer thread
/// drives it, and so does the simulation.
class Committer {
public:
    explicit Committer(Connection& connection, const LineLimits& line_limits = {});
    CommitResult run(const std::vector<std::unique_ptr<WriteOp>>& operations);
    /// Copies the log back into the store when it is that long; 0 means always. No readers are waited for.
    /// Whether the disk took it; nullopt: there was nothing to do.
    std::optional<bool> checkpoint(std::size_t log_bytes_max);
    /// Whether the disk takes a commit and gives room for more. A commit whose sync failed has left its pages
    /// behind the log's end, where the next start would find it: this one is written over it.
    bool probe();
    /// Any thread, while this lives.
    const UnsavedHeads& unsaved_heads() const { return lines_.unsaved(); }

private:
    std::exception_ptr commit(const std::unique_ptr<WriteOp>* first, std::size_t count, CommitResult& result);
    void roll_back();
    void set_durability(Durability durability);

    Connection& connection_;
    EventTable events_;
    JobTable jobs_;
    Tallies tallies_;
    Lines lines_;
    EventCache cache_;
    Statement begin_;
    Statement commit_;
    std::optional<Durability> durability_;
    int log_pages_ = 0;
};

}  // namespace fc::store::sqlite
