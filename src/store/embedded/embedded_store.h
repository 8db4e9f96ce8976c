#pragma once

#include "base/on_progress.h"
#include "base/time.h"
#include "store/store.h"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>

namespace fc {
class BlockingPool;
namespace metrics {
class Registry;
}
}  // namespace fc

namespace fc::store {

struct EmbeddedStoreConfig {
    // The search index lies beside the file, with "-search" behind its name; it is made of the store alone.
    std::filesystem::path path;    ///< the SQLite file
    Millis read_deadline{10'000};  ///< a read that takes longer is interrupted
    Millis search_settle{2'000};   ///< how old a row gets before the search index takes it up
    std::size_t log_preallocated = 8U
                                   << 20U;  ///< bytes of zeroed log at start: a commit then only overwrites
    metrics::Registry* registry = nullptr;  ///< outlives the store
};

/// Opens or creates the store in a file. Throws Failure STORE_TOO_NEW, or boost::system::system_error of
/// SQLite.
std::unique_ptr<Store> open_embedded_store(
    EmbeddedStoreConfig config, boost::asio::io_context& io, BlockingPool& threads, const Clock& clock);

/// Recounts a store that no process uses. `on_progress` counts the checks.
Verification verify_store_file(const std::filesystem::path& path, const OnProgress& on_progress = {});

}  // namespace fc::store
