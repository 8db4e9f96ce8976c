#include "store/embedded/store_reader.h"

#include "store/embedded/event_table.h"
#include "store/embedded/schema.h"

namespace fc::store {

StoreReader::StoreReader(const std::filesystem::path& store)
    : connection_(store.string(), sqlite::Access::read_only) {
    connection_.exec("pragma busy_timeout = 10000");
    sqlite::require_current_version(connection_);
    connection_.exec("begin");
}

std::vector<Document> StoreReader::documents(const std::string& collection) {
    sqlite::Statement rows(
        connection_, "select id, client_id, code, doc from documents where collection = ? order by id");
    rows.bind(collection);
    std::vector<Document> found;
    while (rows.step())
        found.push_back({rows.id(0), rows.id(1), std::string(rows.text(2)), std::string(rows.text(3))});
    return found;
}

std::uint64_t StoreReader::event_count() {
    return static_cast<std::uint64_t>(connection_.scalar("select count(*) from events"));
}

void StoreReader::for_each_event(const std::function<void(const EventRecord&)>& take) {
    sqlite::Statement rows(connection_, "select " + sqlite::event_columns + " from events order by id");
    while (rows.step()) take(sqlite::read_event(rows));
}

}  // namespace fc::store
