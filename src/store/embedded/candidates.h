#pragma once

#include "store/embedded/row_filter.h"

#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fc::store::sqlite {

/// A row that a search comes by, in order of the ids.
struct Candidate {
    Tsid id;
    bool may_fit = true;       ///< false: the index knows that it is not meant
    bool surely_fits = false;  ///< the index knows that it is meant, if it is still there
};

class Candidates {
public:
    virtual ~Candidates() = default;
    /// Not asked again after it answered none.
    virtual std::optional<Candidate> next() = 0;
};

/// Which ids, and in which order; both ends are left out.
struct Course {
    std::int64_t above = 0;
    std::int64_t below = 0;
    bool ascending = false;

    /// " and id > ? and id < ? order by id", which binds the ends.
    std::string sql() const;
};

/// All rows of a table.
class TableWalk final : public Candidates {
public:
    TableWalk(Connection& connection, const std::string& table, Course course, bool surely_fit);
    std::optional<Candidate> next() override;

private:
    Statement ids_;
    bool surely_fit_;
};

/// The rows of the index one after the other, each held against a filter that lives as long.
class FilteredWalk final : public Candidates {
public:
    FilteredWalk(Connection& connection, const std::string& table, Course course, const RowFilter& filter);
    std::optional<Candidate> next() override;

private:
    Statement rows_;
    const RowFilter& filter_;
};

/// The ids of several lists, each in order, merged; one that is in two lists comes once. Each of `sqls` reads
/// a list for each of the values; it binds the value and the course's ends.
class MergedLists final : public Candidates {
public:
    MergedLists(
        Connection& connection,
        const std::vector<std::string>& sqls,
        const std::vector<std::int64_t>& values,
        Course course);
    std::optional<Candidate> next() override;

private:
    struct List {
        Statement* slice = nullptr;
        std::int64_t value = 0;
        Course left;
        std::vector<std::int64_t> ids{};
        std::size_t at = 0;
        bool is_read = false;
    };
    /// The next id of a list goes into the heap.
    void offer(std::size_t list);
    /// Takes the first out of the heap; the next of its list comes in.
    void advance();
    void read_on(List& list);

    std::deque<Statement> slices_;
    std::vector<List> lists_;
    std::size_t ids_a_slice_;
    bool ascending_;
    std::priority_queue<std::pair<std::int64_t, std::size_t>> heap_;
    std::optional<std::int64_t> last_rank_;
};

/// Ids that are known beforehand, ascending; they live as long.
class KnownIds final : public Candidates {
public:
    KnownIds(std::span<const Tsid> ids, Course course);
    std::optional<Candidate> next() override;

private:
    std::span<const Tsid> left_;
    bool ascending_;
};

/// Candidates whose rows in the index are held against a filter that lives as long.
class FilteredLists final : public Candidates {
public:
    FilteredLists(
        Connection& connection,
        const std::string& table,
        std::unique_ptr<Candidates> lists,
        const RowFilter& filter);
    std::optional<Candidate> next() override;

private:
    std::unique_ptr<Candidates> lists_;
    Statement row_;
    const RowFilter& filter_;
};

/// One after the other.
class Chain final : public Candidates {
public:
    Chain(std::unique_ptr<Candidates> first, std::unique_ptr<Candidates> second)
        : first_(std::move(first)),
          second_(std::move(second)) {}
    std::optional<Candidate> next() override {
        if (first_) {
            if (auto candidate = first_->next()) return candidate;
            first_.reset();
        }
        return second_->next();
    }

private:
    std::unique_ptr<Candidates> first_;
    std::unique_ptr<Candidates> second_;
};

}  // namespace fc::store::sqlite
