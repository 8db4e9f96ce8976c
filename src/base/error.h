#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace fc {

/// What kind of "no" an operation answered. `http/problem.cpp` maps each to a status.
enum class ErrorKind {
    invalid,
    unauthenticated,
    forbidden,
    not_found,
    conflict,
    too_large,
    rate_limited,
    unavailable,
    internal
};

/// One fault of one field of a request. `pointer` is an RFC 6901 JSON pointer ("/events/3/type"); "" is the
/// whole body.
struct FieldError {
    std::string pointer;
    std::string detail;
};

/// An expected failure that the caller decides about. `code` is the stable upper-case name that clients read.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string code;
    std::string detail;
    std::vector<FieldError> fields;
};

Error invalid(std::string code, std::string detail, std::vector<FieldError> fields = {});
Error not_found(std::string code, std::string detail);
Error conflict(std::string code, std::string detail);
Error unavailable(std::string code, std::string detail);

/// The exception that `Result::value()` throws. Caught in three places only: HTTP edge, service loop, test.
class Failure : public std::runtime_error {
public:
    explicit Failure(Error error);
    const Error& error() const noexcept { return error_; }

private:
    Error error_;
};

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

/// A value, or the Error that the caller decides about. `.value()` passes the error up as a Failure.
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace fc

/// A bug, not a failure: on in release, ends the process; whatever was in flight is redelivered.
#define FC_ASSERT(condition, why) \
    ((condition) ? static_cast<void>(0) : ::fc::assertion_failed(#condition, why, __FILE__, __LINE__))
