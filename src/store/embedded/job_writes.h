#pragma once

#include "base/error.h"
#include "store/embedded/committer.h"

#include <optional>
#include <string>
#include <vector>

/// What each write of the message log does inside a commit: plain functions of a Transaction, which the
/// writer thread and the simulation both run.
namespace fc::store::sqlite {

std::vector<Appended> append_events(
    Transaction& transaction, const std::vector<NewEvent>& events, TimePoint now);
std::vector<Appended> add_jobs(Transaction& transaction, const std::vector<JobRecord>& jobs, TimePoint now);
/// Nothing to return; a number because an operation answers a value.
int settle(Transaction& transaction, const Settlement& settlement, TimePoint now);
Result<JobRecord> retry_job(
    Transaction& transaction,
    Tsid id,
    std::optional<Tsid> recalled_head,
    const Resend& resend,
    TimePoint now);
Result<JobRecord> cancel_job(Transaction& transaction, Tsid id, const std::string& reason, TimePoint now);
std::size_t cancel_of_owner(
    Transaction& transaction, Tsid owner, const std::string& reason, std::size_t limit, TimePoint now);
std::optional<JobRecord> leader_of_group(Transaction& transaction, Tsid id, TimePoint now);
std::vector<LaneKey> lanes(Transaction& transaction, TimePoint now);
DueJobs due_jobs(Transaction& transaction, LaneKey lane, DueCursor cursor, std::size_t limit, TimePoint now);

}  // namespace fc::store::sqlite
