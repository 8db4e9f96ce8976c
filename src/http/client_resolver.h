#pragma once

#include "http/egress.h"
#include "runtime/task.h"

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace fc::http {

/// Finds the addresses of a host without ever blocking the io thread. Addresses and "localhost" need no
/// lookup, others are kept for `ttl`. An older answer is still given while it is being renewed, so that one
/// slow name server delays only the hosts that were never asked for; a failure is kept for a short while.
class ClientResolver {
public:
    struct Answer {
        std::vector<IpAddress> addresses;
        std::string error;  ///< why there are none
    };

    ClientResolver(Executor executor, std::chrono::seconds ttl);
    ~ClientResolver();
    ClientResolver(const ClientResolver&) = delete;

    /// nullopt: not known when the deadline passed.
    Task<std::optional<Answer>> resolve(std::string host, std::chrono::steady_clock::time_point deadline);

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the lookup under way, which may outlive us
};

}  // namespace fc::http
