#pragma once

namespace fc::store::sqlite {

/// Registers, once, a VFS over `base` (nullptr: the platform's) and returns its name. It joins the writes of
/// the write-ahead log: SQLite makes two for each page of a commit, this one for 64 KiB. Nothing is left
/// behind when a commit ends: the page with the commit mark goes out with what is before it, and a failure of
/// that write is the commit's. After a sync that failed, all that the log got since the last good one is
/// written again before the next; and all that is in a log when it is opened. All other files are the base's
/// own.
const char* joined_log_vfs(const char* base = nullptr);

}  // namespace fc::store::sqlite
