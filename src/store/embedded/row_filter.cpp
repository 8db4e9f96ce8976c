#include "store/embedded/row_filter.h"

#include "store/embedded/query_fits.h"

namespace fc::store::sqlite {
namespace {

bool has(const std::vector<bool>& wanted, std::int64_t number) {
    const auto at = static_cast<std::size_t>(number);
    return wanted.empty() || (at < wanted.size() && wanted[at]);
}

}  // namespace

bool RowFilter::is_empty() const {
    return keys.empty() && sources.empty() && group_hash == 0 && correlation_hash == 0 && !created_after &&
           !created_before && !time_after && !time_before && subject.empty() && text.empty();
}

bool RowFilter::accepts(const Statement& row) const {
    return has(keys, row.integer(1)) && has(sources, row.integer(2)) &&
           (group_hash == 0 || row.integer(3) == group_hash) &&
           (correlation_hash == 0 || row.integer(4) == correlation_hash) &&
           is_within(row.time(5), created_after, created_before) &&
           is_within(row.time(6), time_after, time_before) &&
           (subject.empty() || contains_in_any_case(row.text(7), subject)) &&
           (text.empty() || contains_in_any_case(row.text(7), text));
}

}  // namespace fc::store::sqlite
