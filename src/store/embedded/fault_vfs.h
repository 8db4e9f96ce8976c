#pragma once

#include "runtime/fault.h"

namespace fc::store::sqlite {

/// Lets a debug build be told by a test that its disk fails, while it runs. The environment's FC_DISK_FAULT
/// names a file that says how: `full`, `readonly`, `error write`, `error sync`, `error read`, `slow 50` (a
/// write or sync takes so many milliseconds), or nothing. `search` before it means the search index only.
/// Makes a VFS over the platform's the default; does nothing without the variable.
#if FC_HAS_FAULT_POINTS
void use_fault_vfs();
#else
inline void use_fault_vfs() {}
#endif

}  // namespace fc::store::sqlite
