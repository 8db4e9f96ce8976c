#include "runtime/descriptors.h"

#include <cerrno>
#include <sys/resource.h>
#include <system_error>

namespace fc {

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        throw std::system_error(errno, std::generic_category(), "getrlimit");
    const auto before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    // Some systems name a maximum that they do not grant.
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

}  // namespace fc
