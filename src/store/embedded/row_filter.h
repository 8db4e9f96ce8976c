#pragma once

#include "store/embedded/sqlite.h"

#include <optional>
#include <string>
#include <vector>

namespace fc::store::sqlite {

/// What a row of the search index must have.
struct RowFilter {
    /// The columns that `accepts` reads, in its order.
    static constexpr const char* columns =
        "id, key, source, group_hash, correlation_hash, created_at, time, subject";

    std::vector<bool> keys;     ///< by number; empty: any
    std::vector<bool> sources;  ///< by number; empty: any
    std::int64_t group_hash = 0;
    std::int64_t correlation_hash = 0;
    std::optional<TimePoint> created_after;
    std::optional<TimePoint> created_before;
    std::optional<TimePoint> time_after;
    std::optional<TimePoint> time_before;
    std::string subject;  ///< part of it, in any case
    std::string text;     ///< the same

    bool is_empty() const;
    bool accepts(const Statement& row) const;
};

}  // namespace fc::store::sqlite
