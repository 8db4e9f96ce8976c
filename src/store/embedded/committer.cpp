#include "store/embedded/committer.h"

#include "base/outage.h"
#include "runtime/fault.h"

#include <sqlite3.h>

#include <algorithm>

namespace fc::store::sqlite {
namespace {

constexpr std::size_t event_cache_bytes = 16U << 20U;
constexpr std::size_t page_bytes = 4096;

bool is_outage(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Outage&) {
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace

std::shared_ptr<const EventRecord> Transaction::load_event(Tsid id) {
    if (!id) return nullptr;
    if (auto cached = cache.find(id)) return cached;
    auto stored = events.find(id);
    return stored ? std::make_shared<const EventRecord>(std::move(*stored)) : nullptr;
}

void Transaction::make_ready(JobRecord&& job) {
    auto event = load_event(job.event_id);
    ready.emplace_back(std::move(job), std::move(event));
}

void Transaction::take_back_ready(Tsid job) {
    std::erase_if(ready, [&](const ReadyJob& made) { return made.job.id == job; });
}

Committer::Committer(Connection& connection, const LineLimits& line_limits)
    : connection_(connection),
      events_(connection),
      jobs_(connection),
      tallies_(connection),
      lines_(connection, jobs_, tallies_, line_limits),
      cache_(event_cache_bytes),
      begin_(connection, "begin immediate"),
      commit_(connection, "commit") {
    sqlite3_wal_hook(
        connection.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Committer*>(self)->log_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

CommitResult Committer::run(const std::vector<std::unique_ptr<WriteOp>>& operations) {
    CommitResult result;
    result.failures.resize(operations.size());
    const auto failure = commit(operations.data(), operations.size(), result);
    if (!failure) return result;
    if (result.outage || operations.size() == 1) {
        std::ranges::fill(result.failures, failure);
    } else {
        for (std::size_t at = 0; at < operations.size(); ++at)
            result.failures[at] = commit(&operations[at], 1, result);
    }
    if (result.outage) probe();
    return result;
}

std::exception_ptr Committer::commit(
    const std::unique_ptr<WriteOp>* first, std::size_t count, CommitResult& result) {
    const auto* last = first + count;
    const bool must_survive_power_cut =
        std::any_of(first, last, [](const auto& op) { return op->durability == Durability::power_cut; });
    Transaction transaction{connection_, events_, jobs_, lines_, tallies_, cache_, {}};
    try {
        // SQLite refuses to change it inside a transaction.
        set_durability(must_survive_power_cut ? Durability::power_cut : Durability::process_death);
        begin_.run();
        lines_.begin();
        std::for_each(first, last, [&](const auto& op) { op->apply(transaction); });
        tallies_.flush();
        fault_point("inside-commit");
        commit_.run();
    } catch (...) {
        auto failure = std::current_exception();
        if (is_outage(failure)) result.outage = failure;
        roll_back();
        return failure;
    }
    lines_.commit();
    if (result.ready.empty())
        result.ready = std::move(transaction.ready);
    else
        std::ranges::move(transaction.ready, std::back_inserter(result.ready));
    return nullptr;
}

void Committer::set_durability(Durability durability) {
    if (durability_ == durability) return;
    connection_.exec(
        durability == Durability::power_cut ? "pragma synchronous = full" : "pragma synchronous = normal");
    durability_ = durability;
}

void Committer::roll_back() {
    lines_.roll_back();
    tallies_.discard();
    cache_.clear();
    // It may be done already, and ends the transaction even when it fails.
    sqlite3_exec(connection_.handle(), "rollback", nullptr, nullptr, nullptr);
}

std::optional<bool> Committer::checkpoint(std::size_t log_bytes_max) {
    if (log_pages_ == 0 || static_cast<std::size_t>(log_pages_) * page_bytes < log_bytes_max)
        return std::nullopt;
    fault_point("before-checkpoint");
    const int code =
        sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    fault_point("after-checkpoint");
    log_pages_ = 0;
    return code == SQLITE_OK;
}

bool Committer::probe() {
    try {
        set_durability(Durability::power_cut);
        const auto version = connection_.scalar("pragma user_version");
        begin_.run();
        connection_.exec("pragma user_version = " + std::to_string(version));
        commit_.run();
    } catch (const boost::system::system_error&) {
        roll_back();
        return false;
    }
    return checkpoint(0).value_or(true);
}

}  // namespace fc::store::sqlite
