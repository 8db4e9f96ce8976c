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
    /// Why nothing can be stored now; nullopt: it can, as far as was tried.
    virtual std::optional<Error> outage() const = 0;
    /// How long a write that came now would wait for its commit, as far as one can tell. Any thread.
    virtual Millis write_wait() const = 0;
    /// The largest id ever stored: new ids start above it.
    virtual std::uint64_t id_floor() const = 0;
    /// When the last event, job or attempt was made that was there at the opening: time goes on from then.
    virtual TimePoint latest() const = 0;
};

}  // namespace fc::store
