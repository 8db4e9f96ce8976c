#pragma once

#include "base/error.h"
#include "http/message.h"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fc::http {

/// One field's fault as clients see it.
struct ProblemField {
    std::string pointer;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(ProblemField, (), (pointer, detail))

/// The body of every answer that is not a success (RFC 9457), with the members `error` and `message` that
/// clients of the product read.
struct Problem {
    std::string type = "about:blank";
    std::string title;
    int status = 500;
    std::string detail;
    std::string instance;  ///< the path of the request
    std::string error;     ///< stable upper-case code
    std::string message;   ///< same as detail
    std::optional<std::vector<ProblemField>> errors;
    std::optional<std::string> trace_id;  ///< find it in the log; only with status 500
};
BOOST_DESCRIBE_STRUCT(Problem, (), (type, title, status, detail, instance, error, message, errors, trace_id))

int status_of(ErrorKind kind);

/// The answer to an expected failure. `instance` is the path of the request.
Response to_response(const Error& error, std::string_view instance);
/// As above; an error of kind internal is logged under the request's id and answered without its detail.
Response failure_response(const Error& error, const Request& request);
/// The same for a fault of HTTP itself: 405, 408, 431.
Response problem_response(int status, std::string code, std::string detail, std::string_view instance);
/// The answer to a failure that nobody expected: no detail, only a trace id that the log has too.
Response internal_error(std::string trace_id, std::string_view instance);

}  // namespace fc::http
