#include "store/embedded/log_vfs.h"

#include "base/error.h"
#include "store/embedded/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
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

/// What waits to be written, all of it at one place.
struct Pending {
    std::array<char, piece_bytes> bytes;
    std::size_t size = 0;
    sqlite3_int64 offset = 0;
    bool ends_commit = false;  ///< the page to come is a commit's last
};

/// An open log. The base's file lies behind it in the memory that SQLite gave.
struct LogFile {
    sqlite3_file base;  ///< first: SQLite sees this
    Pending* pending;

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }

    int flush() {
        const auto size = static_cast<int>(std::exchange(pending->size, 0));
        if (size == 0) return SQLITE_OK;
        return real()->pMethods->xWrite(real(), pending->bytes.data(), size, pending->offset);
    }

    int append(const char* data, std::size_t size, sqlite3_int64 offset) {
        const auto end = pending->offset + static_cast<sqlite3_int64>(pending->size);
        if (offset != end || pending->size + size > piece_bytes) {
            if (const int failure = flush()) return failure;
        }
        if (size > piece_bytes) return real()->pMethods->xWrite(real(), data, static_cast<int>(size), offset);
        if (pending->size == 0) pending->offset = offset;
        std::memcpy(pending->bytes.data() + pending->size, data, size);
        pending->size += size;
        return SQLITE_OK;
    }
};

LogFile& log_of(sqlite3_file* file) {
    return *reinterpret_cast<LogFile*>(file);
}

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    auto& log = log_of(file);
    const auto* bytes = static_cast<const char*>(data);
    if (const int failure = log.append(bytes, static_cast<std::size_t>(size), offset)) return failure;
    if (size == frame_head_bytes) {
        log.pending->ends_commit =
            std::any_of(bytes + commit_mark_at, bytes + commit_mark_end, [](char c) { return c != 0; });
        return SQLITE_OK;
    }
    return std::exchange(log.pending->ends_commit, false) ? log.flush() : SQLITE_OK;
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
    // What still waits belongs to no commit.
    const std::unique_ptr<Pending> freed(log.pending);
    return log.real()->pMethods->xClose(log.real());
}

using M = sqlite3_io_methods;
const sqlite3_io_methods log_methods = {
    1,
    close_log,
    after_flush<&M::xRead>,
    write_log,
    after_flush<&M::xTruncate>,
    after_flush<&M::xSync>,
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

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto* base = reinterpret_cast<Vfs*>(vfs)->base;
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, file, flags, flags_out);
    auto& log = log_of(file);
    log.base.pMethods = nullptr;
    const int result = base->xOpen(base, name, log.real(), flags, flags_out);
    if (result != SQLITE_OK) return result;
    log.pending = new (std::nothrow) Pending;
    if (log.pending == nullptr) {
        log.real()->pMethods->xClose(log.real());
        return SQLITE_NOMEM;
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
