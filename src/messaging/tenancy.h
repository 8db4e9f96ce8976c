#pragma once

#include "base/error.h"
#include "base/id.h"
#include "http/caller.h"
#include "http/message.h"

namespace fc::messaging {

/// The tenant that a request acts for: the caller's own; an anchor's choice by `X-Client-ID`. 0: the
/// platform.
Result<Tsid> client_of(const http::Request& request);

/// Whether a caller may see what belongs to `owner` (0: the platform).
bool may_see(const http::Caller& caller, Tsid owner);

}  // namespace fc::messaging
