#include "store/embedded/log_vfs.h"

#include "store/embedded/scratch_store_test.h"
#include "store/embedded/sqlite.h"

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <vector>

namespace fc::store::sqlite {
namespace {

/// A VFS that counts what is written to the log, and can refuse it or its sync.
struct CountingVfs {
    static constexpr const char* name = "counting";
    static inline int writes = 0;
    static inline int largest = 0;
    static inline sqlite3_int64 first = 0;  ///< the lowest offset that was written
    static inline bool refuses = false;
    static inline bool refuses_sync = false;
    static inline sqlite3_io_methods methods;
    static inline int (*write)(sqlite3_file*, const void*, int, sqlite3_int64);
    static inline int (*real_sync)(sqlite3_file*, int);

    static int count(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
        if (refuses) return SQLITE_IOERR_WRITE;
        ++writes;
        largest = std::max(largest, size);
        first = std::min(first, offset);
        return write(file, data, size, offset);
    }
    static int sync(sqlite3_file* file, int flags) {
        return refuses_sync ? SQLITE_IOERR_FSYNC : real_sync(file, flags);
    }
    static void forget() {
        writes = largest = 0;
        first = std::numeric_limits<sqlite3_int64>::max();
    }
    static int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out) {
        auto* platform = sqlite3_vfs_find(nullptr);
        const int result = platform->xOpen(platform, path, file, flags, out);
        if (result != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return result;
        methods = *file->pMethods;
        write = methods.xWrite;
        methods.xWrite = count;
        real_sync = methods.xSync;
        methods.xSync = sync;
        file->pMethods = &methods;
        return result;
    }
    static const char* registered() {
        static sqlite3_vfs vfs;
        if (vfs.xOpen == nullptr) {
            vfs = *sqlite3_vfs_find(nullptr);
            vfs.zName = name;
            vfs.xOpen = open;
            vfs.pNext = nullptr;
            sqlite3_vfs_register(&vfs, 0);
        }
        return name;
    }
};

class LogVfs : public testing::Test {
public:
    LogVfs() : connection(scratch.file().string(), Access::read_write, joined_log_vfs(vfs)) {
        CountingVfs::refuses = CountingVfs::refuses_sync = false;
        connection.exec("pragma journal_mode = wal");
        connection.exec("pragma wal_autocheckpoint = 0");
        connection.exec("create table rows (id integer primary key, text)");
        CountingVfs::forget();
    }
    void insert(int rows) {
        connection.exec(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
            std::to_string(rows) + ") insert into rows (text) select hex(randomblob(500)) from n");
    }
    /// The store as a process that dies now leaves it.
    std::string copy_of_a_death() const {
        const auto copy = (scratch.path() / "copy.db").string();
        std::filesystem::copy_file(scratch.file(), copy);
        std::filesystem::copy_file(scratch.file().string() + "-wal", copy + "-wal");
        return copy;
    }
    std::int64_t log_bytes() const {
        return static_cast<std::int64_t>(std::filesystem::file_size(scratch.file().string() + "-wal"));
    }
    /// Of a connection of its own, without the VFS under test.
    std::int64_t seen(const char* what = "count(*)") const {
        Connection other(scratch.file().string(), Access::read_only);
        return other.scalar(std::string("select ") + what + " from rows");
    }

    const char* vfs = CountingVfs::registered();
    ScratchDirectory scratch;
    Connection connection;
};

TEST_F(LogVfs, PagesOfACommitAreWrittenTogether) {
    connection.exec("pragma synchronous = full");
    insert(200);  // about 50 pages
    EXPECT_LE(CountingVfs::writes, 5);
    EXPECT_LE(CountingVfs::largest, 64 << 10);
    EXPECT_EQ(seen(), 200);
}

TEST_F(LogVfs, CommitWithoutSyncIsSeenByOthersAtOnce) {
    connection.exec("pragma synchronous = normal");
    for (int n = 1; n <= 20; ++n) {
        insert(1);
        EXPECT_EQ(seen(), n);
    }
}

TEST_F(LogVfs, PagesThatLeaveTheCacheBeforeTheCommitAreReadBack) {
    connection.exec("pragma cache_size = 10");
    connection.exec("begin");
    insert(2'000);
    connection.exec("update rows set text = text || 'x' where id % 7 = 0");
    EXPECT_EQ(connection.scalar("select sum(length(text)) from rows"), 2'000 * 1'000 + 285);
    EXPECT_EQ(seen(), 0);
    connection.exec("commit");
    EXPECT_EQ(seen("sum(length(text))"), 2'000 * 1'000 + 285);
    EXPECT_EQ(
        connection.scalar("select count(*) from pragma_integrity_check where integrity_check = 'ok'"), 1);
}

TEST_F(LogVfs, RolledBackPagesAreNotSeen) {
    connection.exec("pragma cache_size = 10");
    insert(10);
    connection.exec("begin");
    insert(2'000);
    connection.exec("rollback");
    EXPECT_EQ(seen(), 10);
    insert(1);
    EXPECT_EQ(seen(), 11);
}

TEST_F(LogVfs, FailedWriteFailsItsCommit) {
    insert(5);
    for (const char* synchronous : {"full", "normal"}) {
        connection.exec(std::string("pragma synchronous = ") + synchronous);
        CountingVfs::refuses = true;
        EXPECT_THROW(insert(5), boost::system::system_error);
        CountingVfs::refuses = false;
        EXPECT_EQ(seen(), 5);
        EXPECT_EQ(connection.scalar("select count(*) from rows"), 5);
    }
    insert(1);
    EXPECT_EQ(seen(), 6);
}

TEST_F(LogVfs, AfterAFailedSyncAllThatWasNotSyncedIsWrittenAgain) {
    connection.exec("pragma synchronous = full");
    insert(1);
    const auto synced = log_bytes();
    connection.exec("pragma synchronous = normal");
    insert(50);
    const auto committed = log_bytes();
    CountingVfs::forget();
    connection.exec("pragma synchronous = full");
    CountingVfs::refuses_sync = true;
    EXPECT_THROW(insert(5), boost::system::system_error);
    EXPECT_EQ(CountingVfs::first, committed);
    EXPECT_EQ(seen(), 51);
    CountingVfs::forget();
    EXPECT_THROW(insert(5), boost::system::system_error);
    EXPECT_EQ(CountingVfs::first, synced) << "the failed sync may have lost the commit of 50";
    CountingVfs::refuses_sync = false;
    CountingVfs::forget();
    insert(5);
    EXPECT_EQ(CountingVfs::first, synced);
    EXPECT_EQ(seen(), 56);
    CountingVfs::forget();
    insert(5);
    EXPECT_GT(CountingVfs::first, committed);
}

TEST_F(LogVfs, CommitsWithoutSyncGetOneWhenMuchWaitsForIt) {
    connection.exec("pragma synchronous = normal");
    CountingVfs::refuses_sync = true;
    int stored = 0;
    try {
        for (; stored < 100; ++stored) insert(200);  // 200 KB each
    } catch (const boost::system::system_error&) {
    }
    EXPECT_GT(stored, 10);
    EXPECT_LT(stored, 30) << "4 MiB at most may have to be written again";
    EXPECT_EQ(seen(), 200 * stored);
}

TEST_F(LogVfs, LogOfADeadProcessIsWrittenAgain) {
    insert(100);
    const auto copy = copy_of_a_death();
    CountingVfs::forget();
    Connection survivor(copy, Access::read_write, joined_log_vfs(vfs));
    EXPECT_EQ(survivor.scalar("select count(*) from rows"), 100);
    EXPECT_EQ(CountingVfs::first, 0) << "its last sync may have failed";
    EXPECT_GT(CountingVfs::writes, 1);
}

TEST_F(LogVfs, WhatWasCommittedIsInTheLogWhenTheProcessDies) {
    connection.exec("pragma synchronous = normal");
    insert(100);
    Connection survivor(copy_of_a_death(), Access::read_write);
    EXPECT_EQ(survivor.scalar("select count(*) from rows"), 100);
}

}  // namespace
}  // namespace fc::store::sqlite
