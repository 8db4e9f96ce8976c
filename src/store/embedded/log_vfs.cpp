#include "store/embedded/log_vfs.h"

#include "base/error.h"
#include "store/embedded/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

namespace fc::store::sqlite {
namespace {

/// The unix VFS refuses a write of 128 KiB or more.
constexpr std::size_t piece_bytes = 64U << 10U;
/// A commit that needs no sync gets one when so much waits for it.
constexpr std::size_t unsynced_bytes_max = 4U << 20U;
/// The head of a frame: page number, then the size of the store in pages when this frame ends a commit, else
/// 0; see "WAL Frame" in SQLite's file format.
constexpr int frame_head_bytes = 24;
constexpr std::ptrdiff_t commit_mark_at = 4;
constexpr std::ptrdiff_t commit_mark_end = 8;

struct Vfs {
    sqlite3_vfs vfs{};
    std::string name;
    sqlite3_vfs* base = nullptr;
};

/// What was written to the log since its last sync that succeeded, all of it in one place. The last of it may
/// still have to be given to the base.
struct Unsynced {
    std::string bytes;
    sqlite3_int64 offset = 0;
    std::size_t given = 0;     ///< how much of `bytes` the base has
    bool is_lost = false;      ///< a sync failed: the system may have forgotten what the base has
    bool ends_commit = false;  ///< the page to come is a commit's last

    void clear() {
        bytes.clear();
        if (bytes.capacity() > 2 * unsynced_bytes_max) bytes.shrink_to_fit();
        given = 0;
        is_lost = false;
    }
};

/// An open log. The base's file lies behind it in the memory that SQLite gave.
struct LogFile {
    sqlite3_file base;  ///< first: SQLite sees this
    Unsynced* unsynced;

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }

    /// Gives the base what it has not, but no piece smaller than that. What it refuses belongs to no commit.
    int flush(std::size_t smallest = 1) {
        auto& [bytes, offset, given, is_lost, ends_commit] = *unsynced;
        while (bytes.size() - given >= smallest) {
            if (const int failure = give(given)) {
                bytes.resize(given);
                return failure;
            }
            given = std::min(given + piece_bytes, bytes.size());
        }
        return SQLITE_OK;
    }

    /// After a sync that failed the system holds pages as written that the disk never got, and the next sync
    /// says nothing of them: so they are written again before it.
    int sync(int flags) {
        if (const int failure = flush()) return failure;
        for (std::size_t at = 0; unsynced->is_lost && at < unsynced->bytes.size(); at += piece_bytes) {
            if (const int failure = give(at)) return failure;
        }
        const int failure = real()->pMethods->xSync(real(), flags);
        if (failure == SQLITE_OK)
            unsynced->clear();
        else
            unsynced->is_lost = true;
        return failure;
    }

    int append(const char* data, std::size_t size, sqlite3_int64 offset) {
        auto& bytes = unsynced->bytes;
        const auto end = unsynced->offset + static_cast<sqlite3_int64>(bytes.size());
        // What is behind the new bytes is of a commit that failed, or is written and synced with them.
        if (offset < unsynced->offset || offset > end) {
            if (const int failure = bytes.empty() ? SQLITE_OK : sync(SQLITE_SYNC_NORMAL)) return failure;
            unsynced->offset = offset;
        } else if (offset < end) {
            if (const int failure = flush()) return failure;
            bytes.resize(static_cast<std::size_t>(offset - unsynced->offset));
            unsynced->given = bytes.size();
        }
        bytes.append(data, size);
        return flush(piece_bytes);
    }

private:
    int give(std::size_t at) {
        const auto size = std::min(piece_bytes, unsynced->bytes.size() - at);
        return real()->pMethods->xWrite(
            real(),
            unsynced->bytes.data() + at,
            static_cast<int>(size),
            unsynced->offset + static_cast<sqlite3_int64>(at));
    }
};

LogFile& log_of(sqlite3_file* file) {
    return *reinterpret_cast<LogFile*>(file);
}

int end_commit(LogFile& log) {
    return log.unsynced->bytes.size() < unsynced_bytes_max ? log.flush() : log.sync(SQLITE_SYNC_NORMAL);
}

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    auto& log = log_of(file);
    const auto* bytes = static_cast<const char*>(data);
    if (const int failure = log.append(bytes, static_cast<std::size_t>(size), offset)) return failure;
    if (size == frame_head_bytes) {
        log.unsynced->ends_commit =
            std::any_of(bytes + commit_mark_at, bytes + commit_mark_end, [](char c) { return c != 0; });
        return SQLITE_OK;
    }
    return std::exchange(log.unsynced->ends_commit, false) ? end_commit(log) : SQLITE_OK;
}

int sync_log(sqlite3_file* file, int flags) {
    return log_of(file).sync(flags);
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
    auto& log = log_of(file);
    if (const int failure = log.sync(SQLITE_SYNC_NORMAL)) return failure;
    return log.real()->pMethods->xTruncate(log.real(), size);
}

/// A method of the base, after what waits was written.
template <auto Method, class... Arguments>
int after_flush(sqlite3_file* file, Arguments... arguments) {
    if (const int failure = log_of(file).flush()) return failure;
    auto* real = log_of(file).real();
    return (real->pMethods->*Method)(real, arguments...);
}
template <auto Method, class... Arguments>
int forward(sqlite3_file* file, Arguments... arguments) {
    auto* real = log_of(file).real();
    return (real->pMethods->*Method)(real, arguments...);
}

int close_log(sqlite3_file* file) {
    auto& log = log_of(file);
    // What the base was not given belongs to no commit.
    const std::unique_ptr<Unsynced> freed(log.unsynced);
    return log.real()->pMethods->xClose(log.real());
}

using M = sqlite3_io_methods;
const sqlite3_io_methods log_methods = {
    1,
    close_log,
    after_flush<&M::xRead>,
    write_log,
    truncate_log,
    sync_log,
    after_flush<&M::xFileSize>,
    forward<&M::xLock>,
    forward<&M::xUnlock>,
    forward<&M::xCheckReservedLock>,
    forward<&M::xFileControl>,
    forward<&M::xSectorSize>,
    forward<&M::xDeviceCharacteristics>,
    nullptr,  // no shared memory, no mapping: those are the main file's
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr};

/// A sync of the process before may have failed: what it left can be read, and is not all on the disk.
int write_again(sqlite3_file* file) {
    sqlite3_int64 size = 0;
    if (const int failure = file->pMethods->xFileSize(file, &size)) return failure;
    if (size == 0) return SQLITE_OK;
    std::string piece(piece_bytes, '\0');
    constexpr auto step = static_cast<sqlite3_int64>(piece_bytes);
    for (sqlite3_int64 at = 0; at < size; at += step) {
        const auto length = static_cast<int>(std::min(step, size - at));
        if (const int failure = file->pMethods->xRead(file, piece.data(), length, at)) return failure;
        if (const int failure = file->pMethods->xWrite(file, piece.data(), length, at)) return failure;
    }
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto* base = reinterpret_cast<Vfs*>(vfs)->base;
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, file, flags, flags_out);
    auto& log = log_of(file);
    log.base.pMethods = nullptr;
    int result = base->xOpen(base, name, log.real(), flags, flags_out);
    if (result != SQLITE_OK) return result;
    result = write_again(log.real());
    log.unsynced = result == SQLITE_OK ? new (std::nothrow) Unsynced : nullptr;
    if (log.unsynced == nullptr) {
        log.real()->pMethods->xClose(log.real());
        return result == SQLITE_OK ? SQLITE_NOMEM : result;
    }
    log.base.pMethods = &log_methods;
    return SQLITE_OK;
}

}  // namespace

const char* joined_log_vfs(const char* base) {
    // SQLite keeps the pointers for the life of the process.
    static std::mutex mutex;
    static std::map<std::string, Vfs> made;
    const std::scoped_lock lock(mutex);
    configure_sqlite();
    auto* real = sqlite3_vfs_find(base);
    FC_ASSERT(real != nullptr, "the VFS to build on is registered");
    auto& vfs = made[real->zName];
    if (vfs.base == nullptr) {
        vfs.name = std::string("joined-log-") + real->zName;
        vfs.base = real;
        vfs.vfs = *real;
        vfs.vfs.pNext = nullptr;
        vfs.vfs.zName = vfs.name.c_str();
        vfs.vfs.szOsFile = static_cast<int>(sizeof(LogFile)) + real->szOsFile;
        vfs.vfs.xOpen = open_file;
        sqlite3_vfs_register(&vfs.vfs, 0);
    }
    return vfs.vfs.zName;
}

}  // namespace fc::store::sqlite
