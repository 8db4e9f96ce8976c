#pragma once

#include "store/embedded/sqlite.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

namespace fc::store::sqlite {

/// Counts that change in the commit of what they count and are never lowered by retention (design 3.5). The
/// names of counters are literals.
class Tallies {
public:
    explicit Tallies(Connection& connection)
        : add_(
              connection,
              "insert into tallies (kind, id, counter, value) values (?,?,?,?)"
              " on conflict (kind, id, counter) do update set value = value + excluded.value"),
          raise_(
              connection,
              "insert into tallies (kind, id, counter, value) values ('store', 0, ?, ?)"
              " on conflict (kind, id, counter) do update set value = max(value, excluded.value)") {}

    void count_job(Tsid pool, const char* counter, std::int64_t by = 1) {
        deltas_[{"pool", pool, counter}] += by;
    }
    void count_event(Tsid client, const char* counter, std::int64_t by = 1) {
        deltas_[{"client", client, counter}] += by;
    }

    void count_in_store(const char* counter, std::int64_t by) { deltas_[{"store", Tsid{}, counter}] += by; }
    /// Keeps the greatest value, at once.
    void raise_in_store(std::string_view counter, std::int64_t value) { raise_.bind(counter, value).run(); }

    /// Writes what was counted since the last flush, inside the running transaction.
    void flush() {
        for (const auto& [key, delta] : deltas_) {
            add_.bind(std::get<0>(key), std::get<1>(key), std::get<2>(key), delta).run();
        }
        deltas_.clear();
    }
    void discard() { deltas_.clear(); }

private:
    Statement add_;
    Statement raise_;
    std::map<std::tuple<std::string_view, Tsid, std::string_view>, std::int64_t> deltas_;
};

}  // namespace fc::store::sqlite
