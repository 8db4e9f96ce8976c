#pragma once

#include "store/embedded/sqlite.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace fc::store::sqlite {

/// The search index of a store: a second file beside it, made of the store alone, so it can be made again.
std::filesystem::path search_file_of(const std::filesystem::path& store);

/// Opens the index for writing. One that is missing, damaged, of another version or ahead of its store is
/// begun anew.
std::unique_ptr<Connection> open_search_file(const std::filesystem::path& store, Connection& base);

/// Makes the index readable as `search`. It was opened for writing before.
void attach_search_file(Connection& connection, const std::filesystem::path& store);

/// Removes the index, which is then made anew.
void discard_search_file(const std::filesystem::path& store);

/// The largest id of `what` (a table of the store) that is in the index; the connection has it attached or
/// is it.
Tsid indexed_until(Connection& connection, std::string_view what);

/// What stands for a text in the index; 0 for none.
std::int64_t hash_of(std::string_view text);

/// By what `minutes` are counted.
enum class Minutes { event_created, event_time, job_created };

}  // namespace fc::store::sqlite
