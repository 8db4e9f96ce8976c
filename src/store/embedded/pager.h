#pragma once

#include "store/search.h"

#include <chrono>
#include <cstddef>

namespace fc::store::sqlite {

/// How long one search may work before it gives up and says where it goes on.
constexpr Millis search_work_max{50};
/// More matches than this are not counted one by one.
constexpr std::int64_t search_total_max = 10'000;
/// The data of one page.
constexpr std::size_t search_page_bytes_max = 8U << 20U;

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

/// Fills one page from ids in order. `Candidates` gives ids by `std::optional<Tsid> next()`; `Reader` says
/// which are meant and loads them.
template <class Candidates, class Reader>
void fill_page(
    Candidates candidates,
    Reader& reader,
    const PageRequest& request,
    Budget& budget,
    Found<typename Reader::Row>& found) {
    auto to_skip = request.page * request.size;
    std::size_t bytes = 0;
    Tsid last = request.after;
    while (const auto id = candidates.next()) {
        const bool is_full =
            static_cast<std::int64_t>(found.rows.size()) >= request.size || bytes > search_page_bytes_max;
        const bool is_meant = reader.look(*id);
        if (is_meant && is_full) {
            found.next = last;
            return;
        }
        if (is_meant && --to_skip < 0) {
            found.rows.push_back(reader.load());
            bytes += Reader::bytes_of(found.rows.back());
        }
        last = *id;
        if (budget.is_spent()) {
            found.next = last;
            return;
        }
    }
}

/// Counts from the start as far as time and `search_total_max` allow.
template <class Candidates, class Reader, class Row>
void count_matches(Candidates candidates, Reader& reader, Budget& budget, Found<Row>& found) {
    found.total = 0;
    while (const auto id = candidates.next()) {
        if (reader.look(*id)) ++found.total;
        found.total_is_exact = found.total <= search_total_max && !budget.is_spent();
        if (!found.total_is_exact) return;
    }
}

}  // namespace fc::store::sqlite
