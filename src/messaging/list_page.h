#pragma once

#include "messaging/list_request.h"
#include "store/search.h"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <vector>

namespace fc::messaging {

/// One page of a list, as the user interface reads it. `total_items` is the least there is unless
/// `total_is_exact`.
template <class Row>
struct BffPage {
    std::vector<Row> items;
    std::int64_t page = 0;
    std::int64_t size = 0;
    std::int64_t total_items = 0;
    std::int64_t total_pages = 0;
    bool total_is_exact = true;
    Tsid next_cursor;  ///< absent on the last page

    explicit BffPage(const ListMessages& request) : page(request.page.value()), size(request.size.value()) {}
    template <class Record>
    void take_counts(const store::Found<Record>& found) {
        total_items = found.total;
        total_pages = (found.total + size - 1) / size;
        total_is_exact = found.total_is_exact;
        next_cursor = found.next;
    }

    BOOST_DESCRIBE_CLASS(
        BffPage, (), (items, page, size, total_items, total_pages, total_is_exact, next_cursor), (), ())
};

}  // namespace fc::messaging
