#include "store/embedded/indexer.h"

#include "runtime/log.h"
#include "store/embedded/index_builder.h"

#include <boost/system/system_error.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <sys/resource.h>
#include <unistd.h>

namespace fc::store::sqlite {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Of the processor, when others want it: about a tenth.
constexpr int niceness = 10;
constexpr Millis pause_after_failure{10'000};
/// While the store takes more, each step is followed by a rest of so many times its length: with the niceness
/// this leaves the index a tenth of a processor, which is 10,000 events/s.
constexpr double busy_attempts_a_second = 5'000;
constexpr int busy_rest = 9;
constexpr std::chrono::seconds between_reports{10};
/// The open jobs are counted again after as many times the time that it took.
constexpr int backlog_rest = 20;
constexpr std::chrono::seconds backlog_rest_min{15};

}  // namespace

Indexer::Indexer(std::filesystem::path store, Pace pace) : store_(std::move(store)), pace_(pace) {
    attempt([] {});
    thread_ = std::thread([this] { work(); });
}

Indexer::~Indexer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Indexer::wait(Millis time) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, time, [this] { return stopping_; });
}

void Indexer::work() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
    while (!attempt([this] { follow(); })) {
        if (wait(pause_after_failure)) return;
    }
}

bool Indexer::attempt(const std::function<void()>& work) {
    try {
        if (!builder_) builder_ = std::make_unique<IndexBuilder>(store_, pace_.settle);
        work();
        return true;
    } catch (const boost::system::system_error& failure) {
        builder_.reset();
        log::error("the search index cannot be written; lists get slow", {{"error", failure.what()}});
        if (failure.code().value() % 256 == SQLITE_CORRUPT) discard_search_file(store_);
        return false;
    }
}

void Indexer::follow() {
    auto busy_since = SteadyClock::now();
    auto next_report = busy_since + between_reports;
    auto next_backlog = busy_since;
    const auto is_stopping = [this] { return wait(Millis{0}); };
    while (true) {
        const auto begun = SteadyClock::now();
        const bool is_behind = builder_->step(begun);
        const auto step_took = std::chrono::duration_cast<Millis>(SteadyClock::now() - begun);
        const bool gives_way = builder_->attempts_a_second() > busy_attempts_a_second;
        if (wait(!is_behind ? pace_.pause : gives_way ? busy_rest * step_took : Millis{0})) return;
        const auto now = SteadyClock::now();
        if (!is_behind) {
            busy_since = now;
            next_report = now + between_reports;
        }
        if (now > next_report) {
            next_report = now + between_reports;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - busy_since).count();
            log::info(
                "the search index is catching up", {{"seconds", seconds}, {"upTo", builder_->reached()}});
        }
        if (now < next_backlog) continue;
        builder_->count_backlogs(is_stopping);
        const auto took = SteadyClock::now() - now;
        next_backlog = now + std::max<SteadyClock::duration>(backlog_rest * took, backlog_rest_min);
    }
}

}  // namespace fc::store::sqlite
