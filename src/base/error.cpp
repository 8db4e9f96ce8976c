#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace fc {

Error invalid(std::string code, std::string detail, std::vector<FieldError> fields) {
    return {ErrorKind::invalid, std::move(code), std::move(detail), std::move(fields)};
}

Error not_found(std::string code, std::string detail) {
    return {ErrorKind::not_found, std::move(code), std::move(detail), {}};
}

Error conflict(std::string code, std::string detail) {
    return {ErrorKind::conflict, std::move(code), std::move(detail), {}};
}

Error unavailable(std::string code, std::string detail) {
    return {ErrorKind::unavailable, std::move(code), std::move(detail), {}};
}

Failure::Failure(Error error)
    : std::runtime_error(error.code + ": " + error.detail),
      error_(std::move(error)) {}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw Failure(error);
}

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: assertion '%s' failed: %s\n", file, line, condition, why);
    std::abort();
}

}  // namespace fc
