#pragma once

#include <cstddef>
#include <memory>

namespace fc::simulation {

/// A disk in memory under SQLite, registered as a VFS: what was not synced can be lost, and writes and syncs
/// can be made to fail. One instance at a time; one connection at a time, in exclusive locking mode (it has
/// no shared memory).
class MemDisk {
public:
    MemDisk();
    ~MemDisk();
    MemDisk(const MemDisk&) = delete;
    MemDisk& operator=(const MemDisk&) = delete;

    static constexpr const char* vfs_name = "memdisk";

    /// Everything written since the last sync of its file is gone. No connection may be open.
    void power_cut();
    /// The next `count` writes or syncs fail with an I/O error.
    void fail_next(int count);
    void fail_next_syncs(int count);
    /// Keeps the present files as the ones that `restore_template` brings back.
    void save_template();
    void restore_template();

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace fc::simulation
