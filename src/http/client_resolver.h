#pragma once

#include "http/client.h"
#include "runtime/task.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace fc::http {

/// Asks the operating system; blocks.
NameAnswer system_lookup(const std::string& host);

/// Finds the addresses of a host without ever blocking the io thread. Addresses and "localhost" need no
/// lookup, others are kept for `dns_ttl`. An older answer is still given while it is being renewed, so that a
/// slow name server delays only hosts that were not asked for lately, and a name that is slow to fail is left
/// alone for a while: its lookups never take all the threads.
class ClientResolver {
public:
    ClientResolver(Executor executor, std::chrono::seconds ttl, NameLookup lookup = system_lookup);
    ~ClientResolver();
    ClientResolver(const ClientResolver&) = delete;

    /// nullopt: not known when the deadline passed.
    Task<std::optional<NameAnswer>> resolve(std::string host, std::chrono::steady_clock::time_point deadline);

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the requests that wait, which may outlive us
};

}  // namespace fc::http
