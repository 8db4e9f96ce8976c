#include "store/embedded/sqlite.h"

#include "base/outage.h"
#include "store/embedded/fault_vfs.h"

#include <sqlite3.h>

#include <optional>

namespace fc::store::sqlite {
namespace {

class Category : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "sqlite"; }
    std::string message(int code) const override { return sqlite3_errstr(code); }
};

/// What passes without us, as soon as the disk or whoever locks the file allows; nullopt: a fault of another
/// kind.
std::optional<Error> outage_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return unavailable("STORE_FULL", "the disk of the store is full; nothing was stored");
        case SQLITE_READONLY:
            return unavailable("STORE_READ_ONLY", "the store cannot be written; nothing was stored");
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return unavailable("STORE_UNAVAILABLE", "the store's disk does not work; nothing was stored");
        default: return std::nullopt;
    }
}

[[noreturn]] void fail(int code, const std::string& what) {
    const boost::system::error_code error(code, category());
    if (auto outage = outage_of(code)) throw Outage(error, what, std::move(*outage));
    throw boost::system::system_error(error, what);
}

/// What went wrong, and in which file.
std::string error_of(sqlite3* handle) {
    if (handle == nullptr) return "sqlite";
    const char* file = sqlite3_db_filename(handle, "main");
    return (file == nullptr ? "" : std::string(file) + ": ") + sqlite3_errmsg(handle);
}

void check(int code, sqlite3* handle) {
    if (code != SQLITE_OK) fail(code, error_of(handle));
}

/// Asks for the connection only after a failure: it is called for each value that is bound.
void check(int code, sqlite3_stmt* statement) {
    if (code != SQLITE_OK) fail(code, error_of(sqlite3_db_handle(statement)));
}

}  // namespace

void configure_sqlite() {
    // Counting its memory would put a lock around each allocation of all threads; nobody reads the counts.
    [[maybe_unused]] static const bool configured = [] {
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        use_fault_vfs();
        return true;
    }();
}

const boost::system::error_category& category() {
    static const Category instance;
    return instance;
}

void Connection::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

Connection::Connection(const std::string& path, Access access, const char* vfs) {
    configure_sqlite();
    const int mode =
        access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail(code, "cannot open " + path);
}

void Connection::exec(const std::string& sql) {
    check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr), handle_.get());
}

std::int64_t Connection::changes() const {
    return sqlite3_changes64(handle_.get());
}

std::int64_t Connection::last_insert_id() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Connection::scalar(const std::string& sql) {
    Statement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(
        connection.handle(),
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &statement,
        nullptr);
    statement_.reset(statement);
    check(code, connection.handle());
}

bool Statement::step() {
    is_stepped_ = true;
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    const auto what = error_of(sqlite3_db_handle(statement_.get()));
    reset();
    fail(code, what);
}

void Statement::run() {
    while (step()) {
    }
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    is_stepped_ = false;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Statement::bind_one(int at, std::int64_t value) {
    check(sqlite3_bind_int64(statement_.get(), at, value), statement_.get());
}

void Statement::bind_one(int at, std::string_view value) {
    const auto* data = value.data() != nullptr ? value.data() : "";
    check(
        sqlite3_bind_text64(statement_.get(), at, data, value.size(), SQLITE_STATIC, SQLITE_UTF8),
        statement_.get());
}

}  // namespace fc::store::sqlite
