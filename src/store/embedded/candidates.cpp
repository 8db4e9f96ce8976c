#include "store/embedded/candidates.h"

#include <algorithm>

namespace fc::store::sqlite {
namespace {

/// What is read ahead of all lists together, about.
constexpr std::size_t ids_ahead = 1'000;

}  // namespace

std::string Course::sql() const {
    return std::string(" and id > ? and id < ? order by id") + (ascending ? "" : " desc");
}

TableWalk::TableWalk(Connection& connection, const std::string& table, Course course, bool surely_fit)
    : ids_(connection, "select id from " + table + " where 1" + course.sql()),
      surely_fit_(surely_fit) {
    ids_.bind(course.above, course.below);
}

std::optional<Candidate> TableWalk::next() {
    if (!ids_.step()) return std::nullopt;
    return Candidate{.id = ids_.id(0), .surely_fits = surely_fit_};
}

FilteredWalk::FilteredWalk(
    Connection& connection, const std::string& table, Course course, const RowFilter& filter)
    : rows_(
          connection,
          std::string("select ") + RowFilter::columns + " from " + table + " where 1" + course.sql()),
      filter_(filter) {
    rows_.bind(course.above, course.below);
}

std::optional<Candidate> FilteredWalk::next() {
    if (!rows_.step()) return std::nullopt;
    return Candidate{.id = rows_.id(0), .may_fit = filter_.accepts(rows_), .surely_fits = true};
}

MergedLists::MergedLists(
    Connection& connection,
    const std::vector<std::string>& sqls,
    const std::vector<std::int64_t>& values,
    Course course)
    : ids_a_slice_(
          std::clamp<std::size_t>(ids_ahead / std::max<std::size_t>(sqls.size() * values.size(), 1), 4, 200)),
      ascending_(course.ascending) {
    lists_.reserve(sqls.size() * values.size());
    for (const auto& sql : sqls) {
        auto& slice = slices_.emplace_back(connection, sql + course.sql() + " limit ?");
        for (const auto value : values) {
            lists_.push_back({.slice = &slice, .value = value, .left = course});
            offer(lists_.size() - 1);
        }
    }
}

void MergedLists::read_on(List& list) {
    list.ids.clear();
    list.at = 0;
    list.slice->bind(list.value, list.left.above, list.left.below, ids_a_slice_);
    while (list.slice->step()) list.ids.push_back(list.slice->integer(0));
    list.is_read = list.ids.size() < ids_a_slice_;
    if (!list.ids.empty()) (ascending_ ? list.left.above : list.left.below) = list.ids.back();
}

void MergedLists::offer(std::size_t index) {
    auto& list = lists_[index];
    if (list.at == list.ids.size() && !list.is_read) read_on(list);
    if (list.at == list.ids.size()) return;
    const auto id = list.ids[list.at++];
    heap_.emplace(ascending_ ? -id : id, index);
}

void MergedLists::advance() {
    const auto list = heap_.top().second;
    heap_.pop();
    offer(list);
}

std::optional<Candidate> MergedLists::next() {
    while (!heap_.empty() && heap_.top().first == last_rank_) advance();
    if (heap_.empty()) return std::nullopt;
    const auto rank = heap_.top().first;
    last_rank_ = rank;
    advance();
    const auto id = static_cast<std::uint64_t>(ascending_ ? -rank : rank);
    return Candidate{.id = Tsid{id}, .surely_fits = true};
}

KnownIds::KnownIds(std::span<const Tsid> ids, Course course) : ascending_(course.ascending) {
    const auto number = [](Tsid id) { return static_cast<std::int64_t>(id.value); };
    const auto first = std::ranges::upper_bound(ids, course.above, {}, number);
    const auto last = std::ranges::lower_bound(first, ids.end(), course.below, {}, number);
    left_ = {first, last};
}

std::optional<Candidate> KnownIds::next() {
    if (left_.empty()) return std::nullopt;
    const auto id = ascending_ ? left_.front() : left_.back();
    left_ = ascending_ ? left_.subspan(1) : left_.first(left_.size() - 1);
    return Candidate{.id = id};
}

FilteredLists::FilteredLists(
    Connection& connection,
    const std::string& table,
    std::unique_ptr<Candidates> lists,
    const RowFilter& filter)
    : lists_(std::move(lists)),
      row_(connection, std::string("select ") + RowFilter::columns + " from " + table + " where id = ?"),
      filter_(filter) {}

std::optional<Candidate> FilteredLists::next() {
    auto candidate = lists_->next();
    if (!candidate) return std::nullopt;
    candidate->may_fit = row_.bind(candidate->id).step() && filter_.accepts(row_);
    row_.reset();
    return candidate;
}

}  // namespace fc::store::sqlite
