#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"

/// Reads that need no place in the writer's order: plain functions of a connection.
namespace fc::store::sqlite {

std::optional<JobRecord> find_job(Connection& connection, Tsid id);
std::optional<EventRecord> find_event(Connection& connection, Tsid id);
/// Oldest first.
std::vector<std::string> attempts_of(Connection& connection, Tsid job);
TallySheet read_tallies(Connection& connection);

}  // namespace fc::store::sqlite
