#pragma once

#include <cstdint>
#include <functional>

namespace fc {

/// Called now and then by what runs long; the unit is the callee's. Empty: nobody wants to know.
using OnProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

}  // namespace fc
