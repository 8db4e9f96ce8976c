#include "store/embedded/backup.h"

#include "base/error.h"
#include "runtime/fault.h"
#include "runtime/new_file.h"
#include "store/embedded/schema.h"
#include "store/embedded/verification.h"

#include <boost/system/system_error.hpp>
#include <sqlite3.h>

#include <memory>

namespace fc::store {
namespace {

namespace fs = std::filesystem;
using namespace sqlite;

constexpr int pages_a_step = 1024;

struct EndBackup {
    void operator()(sqlite3_backup* copy) const { sqlite3_backup_finish(copy); }
};

/// Page by page, as of the snapshot that `from` holds.
void copy_pages(Connection& from, Connection& to, const OnProgress& progress) {
    const std::unique_ptr<sqlite3_backup, EndBackup> copy(
        sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
    int code = copy ? SQLITE_OK : sqlite3_extended_errcode(to.handle());
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(copy.get(), pages_a_step);
        const auto total = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copy.get()));
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(copy.get()));
        constexpr std::uint64_t page_bytes = 4096;
        progress((total - left) * page_bytes, total * page_bytes);
        fault_point("inside-copy");
    }
    if (code != SQLITE_DONE) throw boost::system::system_error(code, category(), "cannot copy the store");
}

void copy_file(const fs::path& from, const fs::path& to, const OnProgress& progress) {
    Connection source(from.string(), Access::read_only);
    source.exec("pragma busy_timeout = 10000");
    known_version(source);
    source.exec("begin");
    source.scalar("select count(*) from sqlite_master");  // the snapshot begins with the first read
    Connection copy(to.string(), Access::read_write);
    copy_pages(source, copy, progress);
    // One file, with nothing beside it.
    copy.exec("pragma journal_mode = delete");
}

void write_notes(const fs::path& backup, const BackupNotes& notes) {
    Connection connection(backup.string(), Access::read_write);
    connection.exec("create table backup (name text primary key, value text not null)");
    Statement insert(connection, "insert into backup (name, value) values (?,?)");
    insert.bind("created_at", to_rfc3339(notes.created_at)).run();
    if (!notes.app_key.empty()) insert.bind("app_key", notes.app_key).run();
}

Failure not_a_backup(const fs::path& file, const std::string& why) {
    return Failure(invalid("NOT_A_BACKUP", file.string() + " is no backup of FlowCatalyst: " + why));
}

BackupNotes read_notes(Connection& connection, const fs::path& file) {
    if (connection.scalar("select count(*) from sqlite_master where name = 'backup'") == 0)
        throw not_a_backup(file, "it was not made by `flowcatalyst backup`");
    BackupNotes notes;
    Statement rows(connection, "select name, value from backup");
    while (rows.step()) {
        if (rows.text(0) == "app_key") notes.app_key = rows.text(1);
        if (rows.text(0) == "created_at") notes.created_at = from_rfc3339(rows.text(1)).value_or(TimePoint{});
    }
    return notes;
}

void check_pages(Connection& connection, const fs::path& file) {
    Statement check(connection, "pragma quick_check(1)");
    if (!check.step() || check.text(0) == "ok") return;
    throw not_a_backup(file, "it is damaged: " + std::string(check.text(0)));
}

/// Until it is replaced, the store that was there is whole without its log. One that cannot be read is only
/// replaced.
void fold_log(const fs::path& store) {
    if (!fs::exists(store)) return;
    try {
        Connection(store.string(), Access::read_write).exec("pragma journal_mode = delete");
    } catch (const boost::system::system_error&) {
        return;
    }
}

}  // namespace

void back_up_store(
    const fs::path& store, const fs::path& backup, const BackupNotes& notes, const OnProgress& progress) {
    if (fs::exists(backup))
        throw Failure(conflict("BACKUP_EXISTS", backup.string() + " is there already: name another file"));
    NewFile made(backup);
    copy_file(store, made.path(), progress);
    write_notes(made.path(), notes);
    fault_point("before-backup");
    made.keep();
}

Restored restore_store(const fs::path& backup, const fs::path& store, const OnProgress& progress) {
    NewFile made(store);
    Restored restored;
    try {
        copy_file(backup, made.path(), progress);
    } catch (const boost::system::system_error& failure) {
        if (failure.code().value() != SQLITE_NOTADB) throw;
        throw not_a_backup(backup, failure.what());
    }
    {
        Connection connection(made.path().string(), Access::read_write);
        restored.notes = read_notes(connection, backup);
        check_pages(connection, backup);
        connection.exec("drop table backup");
        prepare_store(connection);
        restored.verification = verify(connection);
        connection.exec("pragma journal_mode = delete");
    }
    if (!restored.verification.differences.empty()) return restored;
    // Log and search index of the store that was there are not those of this one.
    fold_log(store);
    for (const auto* suffix : {"-wal", "-shm", "-search", "-search-wal", "-search-shm"})
        fs::remove(store.string() + suffix);
    fault_point("before-restore");
    made.keep();
    return restored;
}

}  // namespace fc::store
