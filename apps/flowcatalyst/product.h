#pragma once

#include "codec/env.h"
#include "settings.h"

namespace fc::app {

/// Runs the whole product in this process until SIGINT or SIGTERM; the exit status. Throws what keeps it from
/// starting.
int serve(const codec::Settings<Settings>& settings);

}  // namespace fc::app
