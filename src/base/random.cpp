#include "base/random.h"

#include "base/error.h"

#include <openssl/rand.h>

#include <random>

namespace fc {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    const int ok = RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
    FC_ASSERT(ok == 1, "the operating system gives no random bytes");
    return bytes;
}

std::uint64_t random_u64() {
    thread_local std::mt19937_64 engine{std::random_device{}()};
    return engine();
}

}  // namespace fc
