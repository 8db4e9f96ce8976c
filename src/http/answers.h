#pragma once

#include "codec/json.h"
#include "codec/schema.h"
#include "http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

/// 204.
struct NoContent {};

/// 201 with a Location. `location` empty: the path of the request, a slash, and the body's id.
template <class T>
struct Created {
    T body;
    std::string location;
    bool existed = false;  ///< 200: the same was there already, and this is it
};

/// Any status and headers of one's own.
template <class T>
struct Answer {
    T body;
    int status = 200;
    Headers headers;
};

/// The name of a list in its envelope, as a template argument.
struct Plural {
    char text[32]{};
    template <std::size_t N>
    consteval Plural(const char (&name)[N]) {  // NOLINT(google-explicit-constructor): written as a literal
        for (std::size_t i = 0; i < N; ++i) text[i] = name[i];
    }
    constexpr std::string_view view() const { return text; }
};

/// One page of a list: `{"subscriptions":[...],"total":7,"page":0,"size":20}`. The list is never null.
template <class T, Plural Name = "items">
struct Page {
    std::vector<T> items;
    std::optional<std::uint64_t> total;  ///< where counting is cheap
    std::uint32_t page = 0;              ///< from 0
    std::uint32_t size = 0;              ///< asked for, not returned
    std::optional<std::string>
        next_cursor;  ///< where the list is read by cursor; nullopt: this was the last page
};

}  // namespace fc::http

namespace fc::codec {

template <class T, http::Plural Name>
struct Traits<http::Page<T, Name>> {
    static void write(JsonWriter& out, const http::Page<T, Name>& page) {
        out.begin_object();
        out.plain_key(Name.view());
        Traits<std::vector<T>>::write(out, page.items);
        if (page.total) {
            out.plain_key("total");
            out.number(*page.total);
        }
        out.plain_key("page");
        out.number(std::uint64_t{page.page});
        out.plain_key("size");
        out.number(std::uint64_t{page.size});
        if (page.next_cursor) {
            out.plain_key("nextCursor");
            out.text(*page.next_cursor);
        }
        out.end_object();
    }
    static std::string schema(Schemas& schemas) {
        return R"({"type":"object","required":[")" + std::string(Name.view()) +
               R"(","page","size"],"properties":{")" + std::string(Name.view()) +
               R"(":{"type":"array","items":)" + schemas.of<T>() +
               R"(},"total":{"type":"integer","format":"int64"},"page":{"type":"integer"},)"
               R"("size":{"type":"integer"},)"
               R"("nextCursor":{"type":"string"}}})";
    }
};

}  // namespace fc::codec
