#include "store/embedded/search_file.h"

#include "runtime/log.h"

#include <boost/system/system_error.hpp>
#include <sqlite3.h>

#include <array>

namespace fc::store::sqlite {
namespace {

/// Another version is made anew.
constexpr std::int64_t search_version = 3;

/// Rows are narrow, so that reading many of them is quick. A key is what most filters mean: its tenant and
/// type (and for jobs the subscription, pool and kind), with the number of its rows. `minutes` says between
/// which ids the rows of a minute are; `hours` counts what happened, by tenant. `open_jobs` are those that
/// were open when they were taken up: few, but for a backlog; those that ended since are struck off now and
/// then.
constexpr const char* tables = R"sql(
    create table progress (what text primary key, at integer not null) without rowid;

    create table event_keys (
        id integer primary key, client_id integer not null, type text not null, owner integer not null,
        pool integer not null, kind text not null, count integer not null,
        unique (client_id, type, owner, pool, kind));
    create table job_keys (
        id integer primary key, client_id integer not null, type text not null, owner integer not null,
        pool integer not null, kind text not null, count integer not null,
        unique (client_id, type, owner, pool, kind));
    create table sources (
        id integer primary key, source text not null unique, events integer not null, jobs integer not null);

    create table event_rows (
        id integer primary key, key integer not null, source integer not null, group_hash integer not null,
        correlation_hash integer not null, created_at integer not null, time integer not null,
        subject text not null);
    create index event_rows_key on event_rows (key);
    create index event_rows_source on event_rows (source);
    create index event_rows_group on event_rows (group_hash) where group_hash <> 0;
    create index event_rows_correlation on event_rows (correlation_hash) where correlation_hash <> 0;

    create table job_rows (
        id integer primary key, key integer not null, source integer not null, group_hash integer not null,
        correlation_hash integer not null, created_at integer not null, time integer not null,
        subject text not null);
    create index job_rows_key on job_rows (key);
    create index job_rows_source on job_rows (source);
    create index job_rows_group on job_rows (group_hash) where group_hash <> 0;
    create index job_rows_correlation on job_rows (correlation_hash) where correlation_hash <> 0;

    create table open_jobs (id integer primary key);

    create table minutes (
        what integer not null, minute integer not null, first_id integer not null, last_id integer not null,
        count integer not null, primary key (what, minute)) without rowid;
    create table hours (
        what text not null, hour integer not null, client_id integer not null, count integer not null,
        primary key (what, hour, client_id)) without rowid;
    create table backlogs (
        owner integer not null, client_id integer not null, pool integer not null, jobs integer not null,
        oldest integer not null);
)sql";

std::unique_ptr<Connection> open(const std::filesystem::path& file) {
    auto connection = std::make_unique<Connection>(file.string(), Access::read_write);
    connection->exec("pragma journal_mode = wal");
    connection->exec("pragma synchronous = normal");
    connection->exec("pragma cache_size = -16384");
    if (connection->scalar("pragma user_version") == search_version) return connection;
    if (connection->scalar("select count(*) from sqlite_master") != 0) return nullptr;
    connection->exec("begin immediate");
    connection->exec(tables);
    connection->exec("pragma user_version = " + std::to_string(search_version));
    connection->exec("commit");
    return connection;
}

bool is_ahead(Connection& index, Connection& base) {
    for (const auto* table : {"events", "jobs"}) {
        const auto last = base.scalar(std::string("select max(id) from ") + table);
        if (indexed_until(index, table).value > static_cast<std::uint64_t>(last)) return true;
    }
    return false;
}

/// Null when it cannot be used.
std::unique_ptr<Connection> open_if_sound(const std::filesystem::path& file, Connection& base) {
    try {
        auto connection = open(file);
        return connection && !is_ahead(*connection, base) ? std::move(connection) : nullptr;
    } catch (const boost::system::system_error& failure) {
        const auto code = failure.code().value() & 0xff;
        const bool is_damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
        if (failure.code().category() != category() || !is_damaged) throw;
        return nullptr;
    }
}

}  // namespace

std::filesystem::path search_file_of(const std::filesystem::path& store) {
    auto file = store;
    return file += "-search";
}

std::unique_ptr<Connection> open_search_file(const std::filesystem::path& store, Connection& base) {
    const auto file = search_file_of(store);
    if (auto connection = open_if_sound(file, base)) return connection;
    log::warn("the search index does not fit its store; it is made anew", {{"file", file.string()}});
    discard_search_file(store);
    return open(file);
}

void attach_search_file(Connection& connection, const std::filesystem::path& store) {
    Statement(connection, "attach ? as search").bind(search_file_of(store).string()).run();
    connection.exec("pragma search.cache_size = -8192");
}

void discard_search_file(const std::filesystem::path& store) {
    const auto file = search_file_of(store).string();
    std::error_code stays;
    for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix, stays);
}

Tsid indexed_until(Connection& connection, std::string_view what) {
    Statement statement(connection, "select at from progress where what = ?");
    return statement.bind(what).step() ? statement.id(0) : Tsid{};
}

std::int64_t hash_of(std::string_view text) {
    if (text.empty()) return 0;
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a: the same in every build
    for (const unsigned char byte : text) hash = (hash ^ byte) * 1'099'511'628'211ULL;
    return hash == 0 ? 1 : static_cast<std::int64_t>(hash);
}

}  // namespace fc::store::sqlite
