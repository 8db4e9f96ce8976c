#pragma once

#include "bench/load.h"

#include <string>
#include <string_view>

namespace fc::bench {

struct ApiAnswer {
    int status = 0;
    std::string body;
};

/// One blocking request on a connection of its own, for preparing and asking, not for load. `request` is
/// "METHOD /path". Throws std::system_error when nobody answers within 10 s.
ApiAnswer call_api(const Target& target, std::string_view request, std::string_view json_body = {});

/// A subscription on `bench.event` that exists as long as this object.
class BenchSubscription {
public:
    /// `mode` "" leaves it to the product. Throws std::runtime_error with the API's answer when it refuses.
    BenchSubscription(
        Target target, std::uint16_t receiver_port, const std::string& name, const std::string& mode);
    ~BenchSubscription();
    BenchSubscription(const BenchSubscription&) = delete;
    BenchSubscription& operator=(const BenchSubscription&) = delete;
    const std::string& signing_secret() const { return signing_secret_; }

private:
    Target target_;
    std::string id_;
    std::string signing_secret_;
};

}  // namespace fc::bench
