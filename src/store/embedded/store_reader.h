#pragma once

#include "store/embedded/sqlite.h"
#include "store/records.h"
#include "store/repository.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fc::store {

/// A store as of one moment, whether a process uses it or not. Nothing it answers waits for that process.
class StoreReader {
public:
    /// Throws Failure STORE_TOO_NEW or STORE_TOO_OLD.
    explicit StoreReader(const std::filesystem::path& store);

    /// All of a collection, by id.
    std::vector<Document> documents(const std::string& collection);
    std::uint64_t event_count();
    /// Oldest first.
    void for_each_event(const std::function<void(const EventRecord&)>& take);

private:
    sqlite::Connection connection_;
};

}  // namespace fc::store
