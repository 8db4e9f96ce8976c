#include "http/problem.h"

#include "codec/json.h"
#include "runtime/log.h"

namespace fc::http {
namespace {

Response make_response(Problem problem, std::string_view instance) {
    problem.title = reason_phrase(problem.status);
    problem.instance = instance;
    problem.message = problem.detail;
    Response response;
    response.status = problem.status;
    response.content_type = problem_type;
    response.body = codec::to_json(problem);
    return response;
}

}  // namespace

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid: return 400;
        case ErrorKind::unauthenticated: return 401;
        case ErrorKind::forbidden: return 403;
        case ErrorKind::not_found: return 404;
        case ErrorKind::conflict: return 409;
        case ErrorKind::too_large: return 413;
        case ErrorKind::rate_limited: return 429;
        case ErrorKind::unavailable: return 503;
        case ErrorKind::internal: return 500;
    }
    return 500;
}

Response to_response(const Error& error, std::string_view instance) {
    Problem problem;
    problem.status = status_of(error.kind);
    problem.error = error.code;
    problem.detail = error.detail;
    if (!error.fields.empty()) {
        auto& fields = problem.errors.emplace();
        for (const auto& field : error.fields) fields.push_back({field.pointer, field.detail});
    }
    auto response = make_response(std::move(problem), instance);
    if (error.kind == ErrorKind::unauthenticated) {
        const bool is_missing = error.code == "TOKEN_MISSING";
        response.headers.emplace_back(
            "WWW-Authenticate",
            is_missing ? R"(Bearer realm="flowcatalyst")"
                       : R"(Bearer realm="flowcatalyst", error="invalid_token")");
    }
    if (error.kind == ErrorKind::unavailable) response.headers.emplace_back("Retry-After", "1");
    return response;
}

Response failure_response(const Error& error, const Request& request) {
    if (error.kind != ErrorKind::internal) return to_response(error, request.path());
    log::error(
        "request failed",
        {{"method", request.head().method_text},
         {"path", request.path()},
         {"trace", request.correlation_id()},
         {"code", error.code},
         {"error", error.detail}});
    return internal_error(request.correlation_id(), request.path());
}

Response problem_response(int status, std::string code, std::string detail, std::string_view instance) {
    Problem problem;
    problem.status = status;
    problem.error = std::move(code);
    problem.detail = std::move(detail);
    return make_response(std::move(problem), instance);
}

Response internal_error(std::string trace_id, std::string_view instance) {
    Problem problem;
    problem.error = "INTERNAL_ERROR";
    problem.detail = "something failed on our side; the log has the details under the trace id";
    problem.trace_id = std::move(trace_id);
    return make_response(std::move(problem), instance);
}

}  // namespace fc::http
