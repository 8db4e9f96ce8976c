#pragma once

#include "http/routes.h"
#include "runtime/metrics.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fc::http {

/// What a check of one part answers. `data` says more, mostly why it is down.
struct CheckResult {
    bool is_up = true;
    std::map<std::string, std::string> data;
};

/// Answers `/q/health`, `/q/health/live` and `/q/health/ready`: 200 when all checks are up, else 503. Alive
/// is who answers at all; ready is what the checks say. On the io thread; outlives its routes.
class Health {
public:
    /// `check` is asked at every request and must not wait: it reports what its part knows already.
    void add(std::string name, std::function<CheckResult()> check);
    Routes routes();

private:
    Response report() const;

    struct Check {
        std::string name;
        std::function<CheckResult()> ask;
    };
    std::vector<Check> checks_;
};

/// `/metrics` and `/q/metrics` in the Prometheus text format. `registry` outlives them.
Routes metrics_routes(const metrics::Registry& registry, Access access);

}  // namespace fc::http
