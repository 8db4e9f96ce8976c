#pragma once

#include "base/on_progress.h"
#include "store/embedded/sqlite.h"
#include "store/records.h"

namespace fc::store::sqlite {

/// Recounts everything inside one snapshot and compares it with the tallies; checks each line and each event.
/// `on_progress` counts the checks.
Verification verify(Connection& connection, const OnProgress& on_progress = {});

}  // namespace fc::store::sqlite
