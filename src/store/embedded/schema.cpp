#include "store/embedded/schema.h"

#include "base/error.h"
#include "runtime/fault.h"

#include <sqlite3.h>

#include <array>
#include <string>

namespace fc::store::sqlite {
namespace {

/// Upgrade n leads from version n to n + 1. Ids of 0 stand for "none", because unique indexes ignore NULL.
/// Work indexes are partial over open jobs: a finished job leaves them, so they stay as small as the backlog.
/// What only lists need is in the search index.
constexpr std::array<const char*, schema_version> upgrades{
    R"sql(
    create table documents (
        collection text not null, id integer not null, client_id integer not null, code text not null,
        doc text not null, primary key (collection, id)) without rowid;
    create unique index documents_code on documents (collection, client_id, code) where code <> '';

    create table events (
        id integer primary key, client_id integer not null, type text not null, source text not null,
        subject text not null, spec_version text not null, time integer not null, data text not null,
        data_is_text integer not null, correlation_id text not null, causation_id text not null,
        deduplication_id text not null, message_group text not null, context_data text not null,
        created_at integer not null, job_count integer not null);
    create unique index events_deduplication on events (client_id, deduplication_id)
        where deduplication_id <> '';

    create table jobs (
        id integer primary key, event_id integer not null, owner integer not null, pool_id integer not null,
        counted_pool integer not null, client_id integer not null, message_group text not null,
        mode integer not null, idempotency_key text not null, spec text not null, position integer not null,
        status integer not null, ready integer not null, in_line integer not null,
        next_attempt_at integer not null, ready_at integer not null, attempts integer not null,
        round_start integer not null, created_at integer not null, updated_at integer not null,
        completed_at integer not null, last_error text not null);
    create index jobs_line on jobs (owner, message_group, position) where in_line = 1;
    create index jobs_due on jobs (owner, pool_id, next_attempt_at, id) where ready = 1;
    create index jobs_error on jobs (owner, id) where status = 2;
    create index jobs_event on jobs (event_id) where event_id <> 0;
    create unique index jobs_idempotency on jobs (client_id, idempotency_key) where idempotency_key <> '';

    create table attempts (
        job_id integer not null, n integer not null, doc text not null,
        primary key (job_id, n)) without rowid;

    create table tallies (
        kind text not null, id integer not null, counter text not null, value integer not null,
        primary key (kind, id, counter)) without rowid;
)sql",
    R"sql(
    -- Lists, newest first: each entry ends with the id.
    drop index jobs_error;
    create index jobs_unfinished on jobs (status) where status <> 1;
    create index jobs_owner on jobs (owner);
    create index jobs_client on jobs (client_id) where client_id <> 0;

    -- Attempts in the order they were made: jobs that end in one commit lie far apart, these side by side.
    alter table attempts rename to attempts_by_job;
    create table attempts (id integer primary key, job_id integer not null, doc text not null);
    insert into attempts (job_id, doc) select job_id, doc from attempts_by_job order by job_id, n;
    create index attempts_job on attempts (job_id);
    drop table attempts_by_job;
)sql",
    R"sql(
    alter table events rename column data_is_text to data_kind;
    alter table events add column content_type text not null default '';
    alter table events add column duplicates integer not null default 0;

    alter table jobs add column origin integer not null default 0;
    alter table jobs add column operation integer not null default 0;
    alter table jobs add column resent_by text not null default '';
    update jobs set origin = 1 where spec <> '';

    -- Lists have an index of their own (search_file.h). These cost nothing before an operation or an error.
    drop index jobs_owner;
    drop index jobs_client;
    create index jobs_operation on jobs (operation) where operation <> 0;
    create index jobs_failed on jobs (completed_at, client_id) where status = 2;
)sql",
    R"sql(
    drop index jobs_unfinished;
    create index jobs_unfinished on jobs (status) where (status > 1 or resent_by <> '');
)sql",
    R"sql(
    -- The attempt that ended its job is found by the job. Most jobs have no other.
    alter table attempts add column ended_job integer not null default 0;
    alter table jobs add column last_attempt integer not null default 0;
    drop index attempts_job;
    create index attempts_job on attempts (job_id) where ended_job = 0;

    -- So far every member of a line is in the index of lines: no start has to look for others.
    insert into tallies (kind, id, counter, value)
        select 'store', 0, 'lines_indexed_through', coalesce(max(id), 0) from jobs;
)sql"};

}  // namespace

std::int64_t known_version(Connection& connection) {
    const auto version = connection.scalar("pragma user_version");
    if (version <= schema_version) return version;
    throw Failure(conflict(
        "STORE_TOO_NEW",
        "the store " + std::string(sqlite3_db_filename(connection.handle(), "main")) +
            " was written by a newer version of FlowCatalyst (store version " + std::to_string(version) +
            ", this program knows up to " + std::to_string(schema_version) + ")"));
}

void require_current_version(Connection& connection) {
    const auto version = known_version(connection);
    if (version == schema_version) return;
    throw Failure(conflict(
        "STORE_TOO_OLD",
        "the store " + std::string(sqlite3_db_filename(connection.handle(), "main")) +
            " was written by an older version of FlowCatalyst (store version " + std::to_string(version) +
            ", this program reads " + std::to_string(schema_version) +
            "): start the product once, it upgrades"));
}

void prepare_store(Connection& connection) {
    const auto version = known_version(connection);
    connection.exec("pragma journal_mode = wal");
    // The writer checkpoints when it is idle or the log is long; SQLite's own would stall a commit at any
    // time.
    connection.exec("pragma wal_autocheckpoint = 0");
    connection.exec("pragma cache_size = -16384");
    connection.exec("pragma secure_delete = off");
    if (version == schema_version) return;
    connection.exec("begin immediate");
    for (auto at = version; at < schema_version; ++at) {
        connection.exec(upgrades.at(static_cast<std::size_t>(at)));
        fault_point("inside-upgrade");
    }
    connection.exec("pragma user_version = " + std::to_string(schema_version));
    connection.exec("commit");
}

}  // namespace fc::store::sqlite
