#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"

/// Reads that need no place in the writer's order: plain functions of a connection.
namespace fc::store::sqlite {

JobPage list_jobs(Connection& connection, const JobFilter& filter);
/// Recounts everything inside one snapshot and compares it with the tallies; checks that each line has one
/// head.
Verification verify(Connection& connection);

}  // namespace fc::store::sqlite
