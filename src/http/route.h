#pragma once

#include "http/caller.h"
#include "http/message.h"
#include "runtime/task.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

inline constexpr std::size_t body_bytes_default = 1024 * 1024;

/// What the API document says about a parameter of the path or the query.
struct ParameterDescription {
    std::string name;
    std::string schema;  ///< JSON
    bool in_path = false;
    bool required = false;
};

/// What the API document says about a route. The schemas are JSON text; "" where there is none.
struct RouteDescription {
    std::string summary;
    std::string tag;
    std::string operation_id;  ///< made from the summary when empty
    std::vector<ParameterDescription> parameters;
    std::string request_schema;
    std::string response_schema;
    int success_status = 200;
    std::string_view response_type = json_type;
    bool hidden = false;
};

/// One line of the route table. Exactly one of `now` and `later` is set.
struct Route {
    Method method = Method::get;
    std::string path;  ///< "/api/events/{id}"; a last segment "{rest...}" takes everything that follows
    Access access = any_caller;
    std::function<Response(Request)> now;          ///< answers at once, without a coroutine
    std::function<Task<Response>(Request)> later;  ///< the Request stays valid until it returns
    std::size_t body_bytes_max = body_bytes_default;
    RouteDescription description;
};

}  // namespace fc::http
