#pragma once

#include "base/time.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace fc::store::sqlite {

class IndexBuilder;

/// The thread that keeps the search index up to its store. It gives way to the others: under load the index
/// falls behind, and searches read more from the store. When it fails it says so and tries again.
class Indexer {
public:
    struct Pace {
        Millis settle{2'000};
        Millis pause{1'000};
    };
    /// The index is there when this returns, unless its file cannot be written.
    Indexer(std::filesystem::path store, Pace pace);
    /// Ends within one batch.
    ~Indexer();
    Indexer(const Indexer&) = delete;
    Indexer& operator=(const Indexer&) = delete;

private:
    void work();
    void follow();
    /// Does some work on the builder, which is there then. False when that failed.
    bool attempt(const std::function<void()>& work);
    /// True when it is time to stop.
    bool wait(Millis time);

    std::filesystem::path store_;
    Pace pace_;
    std::unique_ptr<IndexBuilder> builder_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace fc::store::sqlite
