#pragma once

#include "store/message_log.h"
#include "store/repository.h"
#include "store/search.h"

namespace fc::store {

/// Events, jobs and entities of one installation.
class Store {
public:
    virtual ~Store() = default;
    virtual MessageLog& messages() = 0;
    virtual DocumentStore& documents() = 0;
    virtual Search& search() = 0;
    /// How long a write that came now would wait for its commit, as far as one can tell. Any thread.
    virtual Millis write_wait() const = 0;
    /// The largest id ever stored: new ids start above it.
    virtual std::uint64_t id_floor() const = 0;
};

}  // namespace fc::store
