#pragma once

#include <string_view>

#if !defined(__OPTIMIZE__) || __has_feature(address_sanitizer)
#define FC_HAS_FAULT_POINTS 1
#else
#define FC_HAS_FAULT_POINTS 0
#endif

namespace fc {

/// A named point at which a debug build dies as of `kill -9`, for tests/test_crash.py: the environment's
/// FC_FAULT is "name", or "name:7" for the seventh time that any thread comes by. An optimised build
/// has none, unless it has sanitizers.
#if FC_HAS_FAULT_POINTS
void fault_point(std::string_view name);
#else
inline void fault_point(std::string_view) {}
#endif

}  // namespace fc
