#pragma once

#include "store/embedded/search_file.h"

#include <map>
#include <string>
#include <tuple>

namespace fc::store::sqlite {

/// What the index keeps of an event or a job; of an event `owner` and `pool` are 0, `kind` is "".
struct IndexedRow {
    Tsid id;
    Tsid client_id;
    Tsid owner;
    Tsid pool;
    std::string kind;
    std::string type;
    std::string source;
    std::string subject;
    std::int64_t group_hash = 0;
    std::int64_t correlation_hash = 0;
    TimePoint created_at;
    TimePoint time;
    bool is_open_job = false;
};

/// The numbers that stand for keys, and how many rows each has.
class KeyTable {
public:
    KeyTable(Connection& index, const std::string& table);
    std::int64_t id_of(const IndexedRow& row);
    void count(std::int64_t key, std::int64_t by) { deltas_[key] += by; }
    void flush();

private:
    Statement find_;
    Statement insert_;
    Statement add_;
    std::map<std::tuple<Tsid, std::string, Tsid, Tsid, std::string>, std::int64_t> known_;
    std::map<std::int64_t, std::int64_t> deltas_;
};

/// The same for sources, of events or of jobs.
class SourceTable {
public:
    SourceTable(Connection& index, const std::string& counter);
    std::int64_t id_of(const std::string& source);
    void count(std::int64_t source, std::int64_t by) { deltas_[source] += by; }
    void flush();

private:
    Statement find_;
    Statement insert_;
    Statement add_;
    std::map<std::string, std::int64_t> known_;
    std::map<std::int64_t, std::int64_t> deltas_;
};

/// Writes the rows of one kind into the index, inside the caller's transaction.
class RowTable {
public:
    /// `what` is the table of the store: events or jobs.
    RowTable(Connection& index, const std::string& what);
    void add(const IndexedRow& row);
    void remove(Tsid id);
    /// Writes the counts of what was added and removed, and how far it got.
    void flush(Tsid until);

private:
    struct Span {
        Tsid first;
        Tsid last;
        std::int64_t count = 0;
    };
    void note_minute(Minutes what, TimePoint time, Tsid id);

    bool is_of_events_;
    std::string what_;
    KeyTable keys_;
    SourceTable sources_;
    Statement insert_;
    Statement find_;
    Statement remove_;
    Statement add_open_job_;
    Statement add_minute_;
    Statement set_progress_;
    std::map<std::pair<Minutes, std::int64_t>, Span> minutes_;
};

/// What happened, by hour and tenant.
class HourTable {
public:
    explicit HourTable(Connection& index);
    void count(const std::string& what, TimePoint time, Tsid client_id);
    void flush();

private:
    Statement add_;
    std::map<std::tuple<std::string, std::int64_t, Tsid>, std::int64_t> deltas_;
};

}  // namespace fc::store::sqlite
