#include "store/embedded/embedded_store.h"

#include "store/embedded/documents.h"
#include "store/embedded/indexer.h"
#include "store/embedded/log_vfs.h"
#include "store/embedded/schema.h"
#include "store/embedded/search_file.h"
#include "store/embedded/sqlite_message_log.h"
#include "store/embedded/sqlite_search.h"
#include "store/embedded/verification.h"

#include <algorithm>
#include <fstream>

namespace fc::store {
namespace {

using namespace sqlite;

/// Zeros behind the log's valid frames are no frames, so a crash leaves nothing to misread.
void preallocate_log(const std::filesystem::path& store, std::size_t bytes) {
    auto log = store;
    log += "-wal";
    std::error_code failure;
    const auto size = std::filesystem::file_size(log, failure);
    if (failure || size >= bytes) return;
    // Page by page: of one large write the kernel keeps large folios, and each later write of a page walks
    // all of its folio (ext4: 20 us an event).
    std::ofstream file;
    file.rdbuf()->pubsetbuf(nullptr, 0);
    file.open(log, std::ios::binary | std::ios::app);
    const std::string zeros(4096, '\0');
    for (auto at = size; at < bytes; at += zeros.size()) file.write(zeros.data(), 4096);
}

std::unique_ptr<Connection> open_for_writing(const EmbeddedStoreConfig& config) {
    auto connection =
        std::make_unique<Connection>(config.path.string(), Access::read_write, joined_log_vfs());
    prepare_store(*connection);
    preallocate_log(config.path, config.log_preallocated);
    return connection;
}

std::uint64_t largest_id(Connection& connection) {
    std::int64_t largest = 0;
    for (const auto* table : {"events", "jobs"}) {
        largest = std::max(largest, connection.scalar(std::string("select max(id) from ") + table));
    }
    return static_cast<std::uint64_t>(std::max(largest, connection.scalar("select max(id) from documents")));
}

/// Of the last event, job and attempt: each wait began at one of them.
TimePoint latest_of(Connection& connection) {
    Statement attempt(
        connection, "select json_extract(doc, '$.attemptedAt') from attempts order by id desc limit 1");
    auto latest = attempt.step() ? from_rfc3339(attempt.text(0)).value_or(TimePoint{}) : TimePoint{};
    for (const auto* table : {"events", "jobs"}) {
        const auto last = std::string("select created_at from ") + table + " order by id desc limit 1";
        latest = std::max(latest, from_unix_millis(connection.scalar(last)));
    }
    return latest;
}

std::uintmax_t bytes_of(const std::filesystem::path& file) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    return missing ? 0 : size;
}

StoreMetrics measured(const EmbeddedStoreConfig& config) {
    StoreMetrics metrics;
    if (config.registry == nullptr) return metrics;
    config.registry->add("db", metrics);
    const auto store = config.path;
    config.registry->add_gauge(
        "store_bytes", "size of the store", [store] { return static_cast<double>(bytes_of(store)); });
    config.registry->add_gauge("store_log_bytes", "size of the store's log", [store] {
        return static_cast<double>(bytes_of(store.string() + "-wal"));
    });
    config.registry->add_gauge("store_free_bytes", "free space of the store's disk", [store] {
        std::error_code unknown;
        const auto space = std::filesystem::space(store, unknown);
        return unknown ? 0 : static_cast<double>(space.available);
    });
    return metrics;
}

class EmbeddedStore final : public Store {
public:
    EmbeddedStore(
        const EmbeddedStoreConfig& config,
        boost::asio::io_context& io,
        BlockingPool& threads,
        const Clock& clock)
        : EmbeddedStore(config, io, threads, clock, open_for_writing(config)) {}

    MessageLog& messages() override { return messages_; }
    DocumentStore& documents() override { return documents_; }
    Search& search() override { return search_; }
    std::optional<Error> outage() const override { return writer_.outage(); }
    Millis write_wait() const override { return writer_.wait(); }
    std::uint64_t id_floor() const override { return id_floor_; }
    TimePoint latest() const override { return latest_; }

private:
    EmbeddedStore(
        const EmbeddedStoreConfig& config,
        boost::asio::io_context& io,
        BlockingPool& threads,
        const Clock& clock,
        std::unique_ptr<Connection> connection)
        : id_floor_(largest_id(*connection)),
          latest_(latest_of(*connection)),
          metrics_(measured(config)),
          reads_(config.path.string(), threads, config.read_deadline, metrics_),
          writer_(std::move(connection), io.get_executor(), metrics_),
          messages_(writer_, reads_, clock),
          documents_(writer_, reads_),
          indexer_(config.path, {config.search_settle, std::max(config.search_settle / 2, Millis{1})}),
          search_reads_(
              config.path.string(),
              threads,
              config.read_deadline,
              metrics_,
              [path = config.path](Connection& each) { attach_search_file(each, path); }),
          search_(search_reads_, writer_.unsaved_heads()) {
        if (config.registry == nullptr) return;
        config.registry->add_gauge(
            "store_writable", "1: the store takes writes", [this] { return writer_.outage() ? 0.0 : 1.0; });
    }

    std::uint64_t id_floor_;
    TimePoint latest_;
    StoreMetrics metrics_;
    ReadPool reads_;
    Writer writer_;
    SqliteMessageLog messages_;
    SqliteDocuments documents_;
    Indexer indexer_;
    ReadPool search_reads_;
    SqliteSearch search_;
};

}  // namespace

std::unique_ptr<Store> open_embedded_store(
    EmbeddedStoreConfig config, boost::asio::io_context& io, BlockingPool& threads, const Clock& clock) {
    return std::make_unique<EmbeddedStore>(config, io, threads, clock);
}

Verification verify_store_file(const std::filesystem::path& path, const OnProgress& on_progress) {
    Connection connection(path.string(), Access::read_only);
    require_current_version(connection);
    connection.exec("begin");
    return sqlite::verify(connection, on_progress);
}

}  // namespace fc::store
