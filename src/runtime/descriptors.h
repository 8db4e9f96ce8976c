#pragma once

#include <cstddef>

namespace fc {

/// Lets this process open as many files and sockets as the system allows it without privileges; returns how
/// many.
std::size_t raise_descriptor_limit();

}  // namespace fc
