#include "store/embedded/fault_vfs.h"

#if FC_HAS_FAULT_POINTS

#include "base/error.h"

#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace fc::store::sqlite {
namespace {

const char* control_file() {
    return std::getenv("FC_DISK_FAULT");
}

struct Fault {
    std::string what;
    std::string more;
};

Fault present_fault(bool of_search_index) {
    Fault fault;
    std::ifstream file(control_file());
    file >> fault.what;
    if (fault.what == "search") {
        if (!of_search_index) return {};
        file >> fault.what;
    }
    file >> fault.more;
    return fault;
}

/// The platform's methods of a file, some of them made to fail. A file does not know its name, so the store
/// and its search index have methods of their own; a log has others than what it belongs to.
template <bool OfSearchIndex, bool OfLog>
struct Faulty {
    static inline const sqlite3_io_methods* real = nullptr;
    static inline sqlite3_io_methods methods;

    static void take(sqlite3_file* file) {
        FC_ASSERT(real == nullptr || real == file->pMethods, "files of one kind have the same methods");
        real = file->pMethods;
        methods = *real;
        methods.xRead = read;
        methods.xWrite = write;
        methods.xTruncate = truncate;
        methods.xSync = sync;
        file->pMethods = &methods;
    }
    static bool is(std::string_view what, std::string_view more = {}) {
        const auto fault = present_fault(OfSearchIndex);
        return fault.what == what && fault.more == more;
    }
    static void be_slow() {
        const auto fault = present_fault(OfSearchIndex);
        if (fault.what == "slow") sqlite3_sleep(std::atoi(fault.more.c_str()));
    }

    static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
        if (is("error", "read")) return SQLITE_IOERR_READ;
        return real->xRead(file, data, size, offset);
    }
    static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
        be_slow();
        if (is("full")) return SQLITE_FULL;
        if (is("readonly")) return SQLITE_IOERR_WRITE;  // what the platform makes of EROFS
        if (!is("error", "write")) return real->xWrite(file, data, size, offset);
        real->xWrite(file, data, size / 2, offset);
        return SQLITE_IOERR_WRITE;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        if (is("readonly")) return SQLITE_IOERR_TRUNCATE;
        return real->xTruncate(file, size);
    }
    static int sync(sqlite3_file* file, int flags) {
        be_slow();
        if (is("error", "sync")) return SQLITE_IOERR_FSYNC;
        return real->xSync(file, flags);
    }
};

template <bool OfSearchIndex>
void take(sqlite3_file* file, int flags) {
    if ((flags & SQLITE_OPEN_WAL) != 0)
        Faulty<OfSearchIndex, true>::take(file);
    else if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
        Faulty<OfSearchIndex, false>::take(file);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto* platform = static_cast<sqlite3_vfs*>(vfs->pAppData);
    const int result = platform->xOpen(platform, name, file, flags, flags_out);
    if (result != SQLITE_OK || name == nullptr) return result;
    if (std::string_view(name).find("-search") == std::string_view::npos)
        take<false>(file, flags);
    else
        take<true>(file, flags);
    return SQLITE_OK;
}

}  // namespace

void use_fault_vfs() {
    if (control_file() == nullptr) return;
    static sqlite3_vfs vfs;
    auto* platform = sqlite3_vfs_find(nullptr);
    vfs = *platform;
    vfs.zName = "faulty";
    vfs.pNext = nullptr;
    vfs.pAppData = platform;
    vfs.xOpen = open_file;
    sqlite3_vfs_register(&vfs, 1);
}

}  // namespace fc::store::sqlite

#endif
