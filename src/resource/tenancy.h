#pragma once

#include "base/error.h"
#include "base/id.h"
#include "http/caller.h"
#include "http/message.h"
#include "http/route.h"

#include <optional>

namespace fc::resource {

/// Whether the caller may know of what belongs to that client (0: the platform). An anchor sees everything,
/// everybody else what belongs to the client that it works for. The one place that says so.
bool sees(const http::Caller& caller, Tsid client_id);

/// How an anchor says for which client it acts, for the API document.
inline constexpr http::HeaderField client_header{
    "X-Client-ID",
    R"({"type":"string","format":"tsid","minLength":13,"maxLength":13})",
    "Of who works for the platform: the client that a call creates for."};

/// The client that a request acts for: the caller's own; an anchor's choice by `X-Client-ID`. 0: the
/// platform.
Result<Tsid> client_of(const http::Request& request);

/// The client that a new entity belongs to: `asked` by the body, else the one the request acts for.
Result<Tsid> owner_of_new(const http::Request& request, std::optional<Tsid> asked);

}  // namespace fc::resource
