#pragma once

#include "store/embedded/event_cache.h"
#include "store/embedded/sqlite.h"
#include "store/records.h"

#include <memory>
#include <optional>
#include <string>

namespace fc::store::sqlite {

/// The rows of events.
class EventTable {
public:
    explicit EventTable(Connection& connection);

    /// False when its client already used its deduplication id; then nothing was stored.
    bool insert(const EventRecord& event);
    std::optional<EventRecord> find(Tsid id);
    std::optional<Tsid> find_duplicate(Tsid client_id, const std::string& deduplication_id);
    /// It was published once more.
    void count_duplicate(Tsid id);
    /// A replay made one more job of it.
    void add_job(Tsid id);

private:
    Connection& connection_;
    Statement insert_;
    Statement find_;
    Statement find_duplicate_;
    Statement count_duplicate_;
    Statement add_job_;
};

/// The columns that `read_event` reads, in its order.
extern const std::string event_columns;
EventRecord read_event(Statement& statement);

}  // namespace fc::store::sqlite
