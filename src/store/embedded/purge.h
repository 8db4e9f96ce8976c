#pragma once

#include "store/embedded/committer.h"
#include "store/records.h"

#include <vector>

/// Retention, in two halves: a reader looks for rows that had their time, the writer looks at them again and
/// deletes. So the search costs the writer nothing.
namespace fc::store::sqlite {

struct Purgeable {
    std::vector<Tsid> ids;
    Tsid next;  ///< behind the last row that was looked at; 0: no older one is left
};

/// Goes through the rows by id, which is by age, and stops at the first that is too young. Looks at no more
/// than 20 times the limit.
Purgeable find_purgeable(Connection& connection, const PurgeRequest& request);

/// Deletes those that still may go, a job with its attempts; returns how many. What they counted is counted
/// on as purged.
std::size_t purge_rows(Transaction& transaction, const PurgeRequest& request, const std::vector<Tsid>& ids);

}  // namespace fc::store::sqlite
