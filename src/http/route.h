#pragma once

#include "http/caller.h"
#include "http/message.h"
#include "runtime/task.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fc::codec {
class Schemas;
}

namespace fc::http {

inline constexpr std::size_t body_bytes_default = 1024 * 1024;

/// Writes the JSON Schema of a type, collecting what it refers to.
using SchemaWriter = std::function<std::string(codec::Schemas&)>;

/// What a request has besides its body, for the API document.
struct ParameterDescription {
    enum class Place { path, query, header };
    std::string name;
    SchemaWriter schema;
    Place place = Place::query;
    bool required = false;
    std::string description;  ///< "": what the glossary says of the name
};

/// A header field that a handler reads, for the API document.
struct HeaderField {
    std::string_view name;
    std::string_view schema;
    std::string_view description;
};

/// A body that is no JSON of ours, for the API document.
struct MediaType {
    std::string_view name;
    std::string_view schema;
    std::string_view example;  ///< JSON
};

/// What the API document says about a route.
struct RouteDescription {
    std::string summary;
    std::string_view details;  ///< what the summary does not say
    std::string tag;
    std::vector<ParameterDescription> parameters;
    SchemaWriter request;  ///< empty: no body
    bool is_request_required = true;
    std::string_view example;  ///< JSON of a body that is accepted; ids in it stand for ids of the reader's
    std::vector<MediaType> other_requests;
    SchemaWriter response;                        ///< empty: no body, or one that is not JSON
    std::string_view response_example;            ///< JSON
    std::map<int, SchemaWriter> other_responses;  ///< by status, where its body is another
    std::vector<int> statuses = {200};
    bool may_exist_already = false;  ///< 409 although the path names no thing
    std::string_view response_type = json_type;
    bool is_hidden = false;
};

/// One line of the route table. Exactly one of `now` and `later` is set.
struct Route {
    Method method = Method::get;
    std::string path;  ///< "/api/events/{id}"; a last segment "{rest...}" takes everything that follows
    Access access = any_caller;
    std::function<Response(Request)> now;          ///< answers at once, without a coroutine
    std::function<Task<Response>(Request)> later;  ///< the Request stays valid until it returns
    std::size_t body_bytes_max = body_bytes_default;
    bool sheds = false;  ///< answered 503 while the server is behind
    RouteDescription description;
};

/// The names in braces, in order.
std::vector<std::string> parameter_names(std::string_view path);

}  // namespace fc::http
