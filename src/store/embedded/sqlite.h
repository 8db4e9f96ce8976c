#pragma once

#include "base/id.h"
#include "base/time.h"

#include <boost/system/error_category.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

/// Thin ownership over SQLite 3: every failure is a boost::system::system_error with the extended result
/// code; what the disk does not allow now is an Outage.
namespace fc::store::sqlite {

/// Sets the library up, once, for this process. Before anything else of it.
void configure_sqlite();

const boost::system::error_category& category();

enum class Access { read_write, read_only };

class Connection {
public:
    /// `vfs` names a registered VFS; nullptr is the platform's.
    Connection(const std::string& path, Access access, const char* vfs = nullptr);
    sqlite3* handle() const { return handle_.get(); }
    void exec(const std::string& sql);
    /// Rows changed by the last statement.
    std::int64_t changes() const;
    std::int64_t last_insert_id() const;
    /// The first column of the first row; 0 when there is none.
    std::int64_t scalar(const std::string& sql);

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement that is kept. Bind first, in order of the '?', then step or run.
class Statement {
public:
    Statement(Connection& connection, std::string_view sql);

    /// Starts anew: resets, forgets the bindings of before. The bound text must live until the last row was
    /// read.
    template <class... Values>
    Statement& bind(const Values&... values) {
        if (is_stepped_) reset();
        int at = 0;
        (bind_one(++at, values), ...);
        return *this;
    }
    /// True while there is a row to read.
    bool step();
    /// Runs a statement that answers no rows.
    void run();
    void reset();

    std::int64_t integer(int column) const;
    Tsid id(int column) const { return Tsid{static_cast<std::uint64_t>(integer(column))}; }
    TimePoint time(int column) const { return from_unix_millis(integer(column)); }
    /// Valid until the next step.
    std::string_view text(int column) const;
    bool is_null(int column) const;

private:
    void bind_one(int at, std::int64_t value);
    void bind_one(int at, int value) { bind_one(at, static_cast<std::int64_t>(value)); }
    void bind_one(int at, std::size_t value) { bind_one(at, static_cast<std::int64_t>(value)); }
    void bind_one(int at, bool value) { bind_one(at, static_cast<std::int64_t>(value)); }
    void bind_one(int at, Tsid value) { bind_one(at, static_cast<std::int64_t>(value.value)); }
    void bind_one(int at, TimePoint value) { bind_one(at, to_unix_millis(value)); }
    void bind_one(int at, std::string_view value);
    void bind_one(int at, const std::string& value) { bind_one(at, std::string_view(value)); }
    void bind_one(int at, const char* value) { bind_one(at, std::string_view(value)); }

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    bool is_stepped_ = false;  ///< since the last reset
};

}  // namespace fc::store::sqlite
