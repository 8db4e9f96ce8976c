#pragma once

#include "base/error.h"

#include <boost/system/system_error.hpp>

#include <string>

namespace fc {

/// The world failed in a way that may pass: nothing was done, and the same may be asked again later. Whoever
/// tries again catches it as the system_error that it is; the HTTP edge answers with `error`.
class Outage : public boost::system::system_error {
public:
    Outage(boost::system::error_code code, const std::string& what, Error error)
        : boost::system::system_error(code, what),
          error_(std::move(error)) {}
    const Error& error() const noexcept { return error_; }

private:
    Error error_;
};

}  // namespace fc
