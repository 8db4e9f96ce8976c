#include "mem_vfs.h"

#include "base/error.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <set>
#include <string>

namespace fc::simulation {
namespace {

constexpr std::size_t block_bytes = 4096;

/// As a system with a page cache keeps it: a write dirties blocks, a sync brings the dirty ones to the disk.
/// A sync that fails forgets that they are dirty, as Linux does: the next one does not bring them.
struct File {
    std::string bytes;    ///< what a read sees
    std::string on_disk;  ///< what a power cut leaves
    std::set<std::size_t> dirty;

    void touch(std::size_t offset, std::size_t length) {
        for (auto block = offset / block_bytes; block * block_bytes < offset + length; ++block)
            dirty.insert(block);
    }
    void sync() {
        on_disk.resize(bytes.size());
        for (const auto block : dirty) {
            const auto at = block * block_bytes;
            if (at < bytes.size()) bytes.copy(on_disk.data() + at, block_bytes, at);
        }
        dirty.clear();
    }
    void lose_unsynced() {
        bytes = on_disk;
        dirty.clear();
    }
};

}  // namespace

struct MemDisk::State {
    std::map<std::string, std::shared_ptr<File>> files;
    std::map<std::string, std::string> saved;
    int failures_left = 0;
    bool only_syncs_fail = false;
    sqlite3_vfs vfs{};

    bool fails(bool is_sync) {
        if (failures_left == 0 || (only_syncs_fail && !is_sync)) return false;
        --failures_left;
        return true;
    }
};

namespace {

MemDisk::State* disk = nullptr;

struct Handle {
    sqlite3_file base;
    std::shared_ptr<File>* file;
};

File& file_of(sqlite3_file* handle) {
    return **reinterpret_cast<Handle*>(handle)->file;
}

int close_file(sqlite3_file* handle) {
    delete reinterpret_cast<Handle*>(handle)->file;
    return SQLITE_OK;
}

int read_file(sqlite3_file* handle, void* out, int amount, sqlite3_int64 offset) {
    const auto& bytes = file_of(handle).bytes;
    const auto at = static_cast<std::size_t>(offset);
    const auto wanted = static_cast<std::size_t>(amount);
    const auto there = at < bytes.size() ? std::min(wanted, bytes.size() - at) : 0;
    std::memcpy(out, bytes.data() + at, there);
    std::memset(static_cast<char*>(out) + there, 0, wanted - there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* handle, const void* in, int amount, sqlite3_int64 offset) {
    if (disk->fails(false)) return SQLITE_IOERR_WRITE;
    auto& file = file_of(handle);
    const auto at = static_cast<std::size_t>(offset);
    const auto length = static_cast<std::size_t>(amount);
    file.touch(at, length);
    if (file.bytes.size() < at + length) file.bytes.resize(at + length);
    std::memcpy(file.bytes.data() + at, in, length);
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
    file_of(handle).bytes.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
}

int sync_file(sqlite3_file* handle, int) {
    auto& file = file_of(handle);
    if (disk->fails(true)) {
        file.dirty.clear();
        return SQLITE_IOERR_FSYNC;
    }
    file.sync();
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* handle, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(file_of(handle).bytes.size());
    return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) {
    return SQLITE_OK;
}

int check_lock(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
    return 4096;
}

int device_characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods methods{
    1,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    size_of_file,
    lock_file,
    lock_file,
    check_lock,
    control_file,
    sector_size,
    device_characteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* handle, int, int*) {
    auto* opened = reinterpret_cast<Handle*>(handle);
    auto& slot = disk->files[name != nullptr ? name : "temporary"];
    if (!slot) slot = std::make_shared<File>();
    opened->base.pMethods = &methods;
    opened->file = new std::shared_ptr<File>(slot);
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int) {
    disk->files.erase(name);
    return SQLITE_OK;
}

int access_file(sqlite3_vfs*, const char* name, int, int* found) {
    *found = disk->files.contains(name) ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

}  // namespace

MemDisk::MemDisk() : state_(std::make_unique<State>()) {
    FC_ASSERT(disk == nullptr, "one disk at a time");
    disk = state_.get();
    auto& vfs = state_->vfs;
    const auto* platform = sqlite3_vfs_find(nullptr);
    vfs = *platform;
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(Handle);
    vfs.zName = vfs_name;
    vfs.pNext = nullptr;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_path;
    sqlite3_vfs_register(&vfs, 0);
}

MemDisk::~MemDisk() {
    sqlite3_vfs_unregister(&state_->vfs);
    disk = nullptr;
}

void MemDisk::power_cut() {
    for (auto& [name, file] : state_->files) file->lose_unsynced();
}

void MemDisk::fail_next(int count) {
    state_->failures_left = count;
    state_->only_syncs_fail = false;
}

void MemDisk::fail_next_syncs(int count) {
    state_->failures_left = count;
    state_->only_syncs_fail = true;
}

void MemDisk::save_template() {
    state_->saved.clear();
    for (const auto& [name, file] : state_->files) state_->saved[name] = file->bytes;
}

void MemDisk::restore_template() {
    state_->files.clear();
    state_->failures_left = 0;
    for (const auto& [name, bytes] : state_->saved) {
        auto file = std::make_shared<File>();
        file->bytes = file->on_disk = bytes;
        state_->files[name] = std::move(file);
    }
}

}  // namespace fc::simulation
