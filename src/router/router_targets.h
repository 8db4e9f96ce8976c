#pragma once

#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace fc::router {

/// The hosts that a pointer may send the router to (`ROUTER_TARGETS`): a list between commas of `host` (any
/// port), `host:port`, or a URL, of which the origin counts. `*` allows all. Whoever can write to the queue
/// must not be able to make the router call what it likes.
class RouterTargets {
public:
    /// An Error names the entry that is none of these. An empty list allows nothing.
    static Result<RouterTargets> parse(std::string_view list);

    /// False also for what is no http or https URL.
    bool allows(std::string_view url) const;

private:
    struct Entry {
        std::string host;
        std::string port;  ///< "": any
    };
    bool all_ = false;
    std::vector<Entry> entries_;
};

}  // namespace fc::router
