#pragma once

#include "store/embedded/candidates.h"
#include "store/search.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fc::store::sqlite {

/// How a query is answered: which lists of ids are walked, and what is looked at in the rows of the index
/// before the store is asked. The query lives as long as the plan. The connection is one to the store that
/// has the index attached as `search`.
class SearchPlan {
public:
    SearchPlan(Connection& connection, const EventQuery& query, const PageRequest& page);
    SearchPlan(Connection& connection, const JobQuery& query, const PageRequest& page);
    SearchPlan(const SearchPlan&) = delete;
    SearchPlan& operator=(const SearchPlan&) = delete;

    /// The rows in the index and those that only the store has yet. They live no longer than the plan.
    std::unique_ptr<Candidates> from(Tsid after, bool ascending) const;
    /// The rows that only the store has yet.
    std::unique_ptr<Candidates> fresh() const { return fresh({}, false); }
    /// The index alone says which of its rows fit.
    bool index_decides() const { return left_to_store_ == 0; }
    /// How many rows of the index fit, when it just knows.
    std::optional<std::int64_t> known_total() const;

private:
    enum class By {
        rows,
        key,
        source,
        group,
        correlation,
        status,
        operation,
        event,
        deduplication,
        known_ids
    };
    /// Lists of ids: the rows that have one of some values in an indexed column.
    struct Driver {
        By by = By::rows;
        std::vector<std::string> sqls;  ///< of the lists, as MergedLists has them
        std::vector<std::int64_t> values;
        std::int64_t rows = 0;  ///< in all lists, about
        double cost_of_row = 1;
        bool is_exact = true;  ///< none in the lists misses the criterion
    };

    void read(const MessageQuery& query, const JobQuery* of_jobs);
    void read_keys(const MessageQuery& query, const JobQuery* of_jobs);
    void read_sources(const std::string& part);
    void read_statuses(const JobQuery& query);
    void read_deduplication(const EventQuery& query);
    /// A list of the index by the hash of a text.
    std::int64_t add_hash(By by, const std::string& column, const std::string& text);
    /// Lists of the store itself.
    void add_store_lists(
        By by, std::vector<std::string> sqls, std::vector<std::int64_t> values, bool is_exact = true);
    void limit_ids(int what, std::optional<TimePoint> after, std::optional<TimePoint> before);
    void choose(const PageRequest& page);
    std::int64_t count_up_to_cap(const Driver& driver);
    std::unique_ptr<Candidates> fresh(Tsid after, bool ascending) const;
    std::unique_ptr<Candidates> lists(Course course) const;
    std::unique_ptr<Candidates> indexed(Tsid after, bool ascending) const;

    Connection& connection_;
    std::string table_;  ///< of the store: events or jobs
    std::string rows_;   ///< of the index
    std::int64_t watermark_;
    std::int64_t key_rows_ = 0;
    std::int64_t range_rows_;
    std::optional<std::span<const Tsid>> known_ids_;  ///< no others fit
    std::int64_t first_ = 0;                          ///< no row of the index that fits has a smaller id
    std::int64_t last_;                               ///< nor a larger one
    std::vector<Driver> drivers_;
    Driver chosen_;
    RowFilter filter_;
    bool has_only_keys_ = true;
    int left_to_store_ = 0;  ///< criteria that the index cannot tell
};

}  // namespace fc::store::sqlite
