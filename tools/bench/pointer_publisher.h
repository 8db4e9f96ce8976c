#pragma once

#include "bench/scenario.h"

namespace fc::bench {

/// A producer of pointers on the product's queue, `load.window` of them under way. Only the program links
/// libnats. Throws std::runtime_error when the queue cannot be reached.
std::unique_ptr<Source> make_pointer_publisher(Checker& checker, const Load& load, const PointerRoute& route);

}  // namespace fc::bench
