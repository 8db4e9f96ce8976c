#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fc {

/// `count` bytes from the operating system's generator: for secrets and tokens.
std::string random_bytes(std::size_t count);
/// Fast, well spread, not secret: ids and jitter. Thread-safe.
std::uint64_t random_u64();

}  // namespace fc
