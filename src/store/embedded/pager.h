#pragma once

#include "store/embedded/candidates.h"
#include "store/search.h"

#include <chrono>
#include <cstddef>

namespace fc::store::sqlite {

/// How long one search may look for its page before it gives up and says where it goes on.
constexpr Millis page_work_max{40};
/// The same for counting all that fit.
constexpr Millis count_work_max{20};
/// More than this are not counted one by one.
constexpr std::int64_t search_total_max = 10'000;
/// The data of one page.
constexpr std::size_t page_bytes_max = 8U << 20U;

/// What is left of the time of one search.
class Budget {
public:
    explicit Budget(Millis work) : end_(std::chrono::steady_clock::now() + work) {}
    /// Looks at the clock every few calls.
    bool is_spent() {
        if (++calls_ % 16 == 0) is_spent_ = is_spent_ || std::chrono::steady_clock::now() > end_;
        return is_spent_;
    }

private:
    std::chrono::steady_clock::time_point end_;
    unsigned calls_ = 0;
    bool is_spent_ = false;
};

/// Fills one page from candidates. `Reader` says which are meant and loads them; `index_decides`: which are
/// skipped need not be asked. False: it was given up.
template <class Reader>
bool fill_page(
    Candidates& candidates,
    Reader& reader,
    const PageRequest& request,
    bool index_decides,
    Found<typename Reader::Row>& found) {
    Budget budget(page_work_max);
    auto to_skip = request.page * request.size;
    std::size_t bytes = 0;
    Tsid last = request.after;
    while (const auto candidate = candidates.next()) {
        const bool is_full =
            static_cast<std::int64_t>(found.rows.size()) >= request.size || bytes > page_bytes_max;
        const bool is_sure = to_skip > 0 && index_decides && candidate->surely_fits;
        const bool is_meant = candidate->may_fit && (is_sure || reader.look(candidate->id));
        if (is_meant && is_full) {
            found.next = last;
            return true;
        }
        if (is_meant && --to_skip < 0) {
            found.rows.push_back(reader.load());
            bytes += Reader::bytes_of(found.rows.back());
        }
        last = candidate->id;
        if (budget.is_spent()) {
            found.next = last;
            return false;
        }
    }
    return true;
}

/// Counts as far as time and `search_total_max` allow; `index_decides`: it need not ask the reader.
template <class Reader>
void count_matches(
    Candidates& candidates, Reader& reader, bool index_decides, Found<typename Reader::Row>& found) {
    Budget budget(count_work_max);
    while (const auto candidate = candidates.next()) {
        const bool is_sure = index_decides && candidate->surely_fits;
        if (candidate->may_fit && (is_sure || reader.look(candidate->id))) ++found.total;
        found.total_is_exact = found.total <= search_total_max && !budget.is_spent();
        if (!found.total_is_exact) return;
    }
}

}  // namespace fc::store::sqlite
