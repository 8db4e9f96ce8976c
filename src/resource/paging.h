#pragma once

#include "base/vocabulary.h"
#include "http/answers.h"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fc::resource {

/// Which page of a list; the base of what a list's request has besides.
struct ListRequest {
    Bounded<0, 1'000'000> page = 0;
    Bounded<1, 1'000> size = 20;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (page, size))

/// Whether a list's filter lets the value through: an empty one lets all.
template <class T>
bool is_open_or_has(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

/// Whether `part` is in `whole`, in any case (ASCII).
inline bool has_text(std::string_view whole, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; };
    return part.empty() || !std::ranges::search(whole, part, {}, lower, lower).empty();
}

/// The asked page of `all`, each shown by `view`.
template <http::Plural Name, class Entity, class View>
auto page_of(const std::vector<Entity>& all, const ListRequest& request, const View& view) {
    http::Page<decltype(view(all.front())), Name> page;
    page.total = all.size();
    page.page = static_cast<std::uint32_t>(request.page.value());
    page.size = static_cast<std::uint32_t>(request.size.value());
    const auto first = std::min<std::size_t>(std::size_t{page.page} * page.size, all.size());
    const auto last = std::min<std::size_t>(first + page.size, all.size());
    for (auto at = first; at < last; ++at) page.items.push_back(view(all[at]));
    return page;
}

}  // namespace fc::resource
