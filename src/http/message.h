#pragma once

#include "http/caller.h"
#include "http/request_head.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Where a request came from, for audit entries and the events it causes.
struct Trace {
    std::string correlation_id;  ///< the caller's, or made by the server
    std::string causation_id;    ///< "" when the caller gave none
};

/// All of a request, in the connection that read it.
struct RequestData {
    RequestHead head;
    std::string_view body;  ///< 64 more bytes can be read behind it, as the JSON parser wants
    std::vector<std::pair<std::string, std::string>> parameters;  ///< of the path, decoded
    std::string correlation_id;
    Caller caller;
};

/// A request as handlers see it: a view, cheap to copy, valid until the answer is returned.
class Request {
public:
    explicit Request(const RequestData& data) : data_(&data) {}

    Method method() const { return data_->head.method; }
    std::string_view path() const { return data_->head.path; }
    std::string_view query() const { return data_->head.query; }
    std::string_view header(std::string_view name) const { return data_->head.header(name); }
    std::string_view body() const { return data_->body; }
    const RequestHead& head() const { return data_->head; }
    /// Of the path, decoded; "" when the route has none of that name.
    std::string_view parameter(std::string_view name) const {
        for (const auto& [known, value] : data_->parameters) {
            if (known == name) return value;
        }
        return {};
    }
    const auto& parameters() const { return data_->parameters; }
    /// Nobody (no permissions) on a route that is open to all.
    const Caller& caller() const { return data_->caller; }
    const std::string& correlation_id() const { return data_->correlation_id; }
    Trace trace() const { return {data_->correlation_id, std::string(header("X-Causation-ID"))}; }

private:
    const RequestData* data_;
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";
inline constexpr std::string_view text_type = "text/plain; charset=utf-8";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";

struct Response {
    int status = 200;
    std::string_view content_type = json_type;  ///< a literal
    std::string body;
    std::string_view static_body;  ///< used when `body` is empty: bytes that live as long as the process
    Headers headers;
};

/// "Not Found" for 404; "" when unknown.
std::string_view reason_phrase(int status);

}  // namespace fc::http
