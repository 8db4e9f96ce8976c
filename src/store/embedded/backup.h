#pragma once

#include "base/on_progress.h"
#include "base/time.h"
#include "store/records.h"

#include <filesystem>
#include <string>

/// A backup is one file: the store as of one moment, and what is needed to serve it again.
namespace fc::store {

/// What lies in a backup beside the store itself.
struct BackupNotes {
    TimePoint created_at;
    std::string app_key;  ///< "": it is not kept in the data directory
};

/// Copies the store into the new file `backup`; `progress` is in bytes, as with restore_store. A process that
/// uses the store goes on meanwhile; its log is not shortened until this ends. Throws Failure BACKUP_EXISTS,
/// or boost::system::system_error; then there is no file.
void back_up_store(
    const std::filesystem::path& store,
    const std::filesystem::path& backup,
    const BackupNotes& notes,
    const OnProgress& progress);

struct Restored {
    BackupNotes notes;
    Verification verification;  ///< with differences: nothing was replaced
};

/// Puts the store of a backup in the place of `store`, which no process uses: brought to this program's
/// version and recounted first. Throws Failure NOT_A_BACKUP, STORE_TOO_NEW, or boost::system::system_error;
/// then `store` is as it was.
Restored restore_store(
    const std::filesystem::path& backup, const std::filesystem::path& store, const OnProgress& progress);

}  // namespace fc::store
