#pragma once

#include "base/time.h"
#include "runtime/task.h"

#include <boost/asio/io_context.hpp>

#include <string_view>
#include <vector>

namespace fc {

/// A part of the process with a life of its own: server, scheduler, router.
class Service {
public:
    virtual ~Service() = default;
    virtual std::string_view name() const = 0;
    /// Works until stop() has finished. An exception ends the process.
    virtual Task<> run() = 0;
    /// Takes no new work, finishes what runs, and cancels what is left at the deadline. run() returns then.
    virtual Task<> stop(Millis deadline) = 0;
};

struct RunOptions {
    Millis stop_deadline = seconds{30};  ///< for each service, not for all
};

/// Runs the services on `io` until SIGINT or SIGTERM, then stops them in reverse order; a second signal ends
/// the process at once with 128 + its number. Returns 0, or 1 when a service failed (the rest is stopped
/// first). What throws before any service runs is the caller's to report.
int run_services(boost::asio::io_context& io, std::vector<Service*> services, RunOptions options = {});

}  // namespace fc
