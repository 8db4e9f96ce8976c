#pragma once

#include "store/embedded/sqlite.h"

namespace fc::store::sqlite {

/// The version that this program writes. Older ones are upgraded at start in one transaction, newer ones are
/// refused.
constexpr std::int64_t schema_version = 5;

/// The rows of the index `jobs_unfinished`, which it holds by `status`: jobs that ended otherwise than well,
/// and open ones that were sent again. A job that is open for the first time is not among them: to enter and
/// leave an index would cost each event a fifth of all its work. The search index knows those, once they are
/// old.
constexpr const char* unfinished_jobs = "(status > 1 or resent_by <> '')";

/// The store's version. Throws Failure STORE_TOO_NEW when a newer program wrote it.
std::int64_t known_version(Connection& connection);

/// For those who only read. Throws Failure STORE_TOO_NEW, or STORE_TOO_OLD: the product upgrades it at its
/// start.
void require_current_version(Connection& connection);

/// Sets the journal up and brings the schema to `schema_version`.
/// Throws Failure STORE_TOO_NEW.
void prepare_store(Connection& connection);

}  // namespace fc::store::sqlite
