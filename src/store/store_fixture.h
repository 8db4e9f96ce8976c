#pragma once

#include "runtime/blocking_pool.h"
#include "runtime/run_task.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace fc::store {

/// The data of one test, which outlives the store that is opened on it.
class StoreHarness {
public:
    virtual ~StoreHarness() = default;
    virtual std::unique_ptr<Store> open(
        boost::asio::io_context& io, BlockingPool& threads, const Clock& clock) = 0;
    /// Waits until what the store does behind its answers (an index) is done.
    virtual void settle() {}
};

struct StoreBackend {
    std::string name;
    std::function<std::unique_ptr<StoreHarness>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const StoreBackend& backend) {
    return out << backend.name;
}

/// An empty store, and what a test of it says in a line.
class StoreConformance : public testing::TestWithParam<StoreBackend> {
public:
    using Ids = std::vector<Tsid>;
    using Kind = Settlement::Kind;
    static constexpr Tsid owner{7};

    void SetUp() override {
        harness = GetParam().make();
        open();
    }

    void open() {
        store = harness->open(io, threads, clock);
        messages().on_ready([this](std::vector<ReadyJob> jobs) {
            for (auto& job : jobs) told.push_back(std::move(job));
        });
    }
    void reopen() {
        store.reset();
        open();
    }
    MessageLog& messages() { return store->messages(); }
    DocumentStore& documents() { return store->documents(); }
    template <class T>
    T run(Task<T> task) {
        return run_task(io, std::move(task));
    }

    /// Ids and positions only grow, so the clock of the test needs not.
    Tsid next_id() { return Tsid{++last_id}; }
    JobRecord job(std::string group = "", DispatchMode mode = DispatchMode::next_on_error) {
        JobRecord made;
        made.id = next_id();
        made.owner = owner;
        made.message_group = std::move(group);
        made.mode = mode;
        made.next_attempt_at = clock.now();
        made.created_at = clock.now();
        made.spec = "{}";
        made.origin = JobOrigin::api;
        return made;
    }
    NewEvent event(std::vector<JobRecord> jobs = {}) {
        NewEvent made;
        made.event.id = next_id();
        made.event.type = "order.created";
        made.event.data = "{\"n\":1}";
        made.event.created_at = clock.now();
        made.event.job_count = static_cast<std::int64_t>(jobs.size());
        made.jobs = std::move(jobs);
        for (auto& each : made.jobs) {
            each.event_id = made.event.id;
            each.spec.clear();
            each.origin = JobOrigin::match;
        }
        return made;
    }
    /// Jobs of one group, added one after the other.
    Ids add_group(
        const std::string& group, std::size_t count, DispatchMode mode = DispatchMode::next_on_error) {
        Ids ids;
        for (std::size_t n = 0; n < count; ++n) ids.push_back(add(job(group, mode)));
        return ids;
    }
    Tsid add(JobRecord made) {
        std::vector<JobRecord> one;
        one.push_back(std::move(made));
        return run(messages().add_jobs(std::move(one))).at(0).id;
    }
    std::vector<Appended> append(std::vector<NewEvent> events) {
        return run(messages().append(std::move(events)));
    }
    std::vector<Appended> append(NewEvent made) {
        std::vector<NewEvent> one;
        one.push_back(std::move(made));
        return append(std::move(one));
    }

    JobRecord get(Tsid id) { return run(messages().find_job(id)).value(); }
    Settlement settlement(Tsid id, Kind kind) {
        Settlement made;
        made.job = get(id);
        made.kind = kind;
        made.next_attempt_at = clock.now();
        made.attempt = "{}";
        return made;
    }
    void settle(Tsid id, Kind kind) { settle(settlement(id, kind)); }
    void settle(Settlement made) {
        run_task(io, messages().settle(std::make_shared<const Settlement>(std::move(made))));
    }
    Result<JobRecord> retry(Tsid id, std::optional<Tsid> recalled = {}) {
        return run(messages().retry(id, recalled, {}));
    }
    Result<JobRecord> cancel(Tsid id) { return run(messages().cancel(id, "not wanted")); }
    DueJobs due(DueCursor cursor = {}, std::size_t limit = 100, LaneKey lane = {owner, {}}) {
        clock.advance(Millis{1});  // due is what was due before now
        return run(messages().due(lane, cursor, limit));
    }
    /// The ready job of its group.
    std::optional<Tsid> head(Tsid id) {
        const auto leader = run(messages().leader_of_group(id));
        return leader && leader->ready ? std::optional(leader->id) : std::nullopt;
    }

    static Ids ids_of(const std::vector<ReadyJob>& jobs) {
        Ids ids;
        for (const auto& each : jobs) ids.push_back(each.job.id);
        return ids;
    }
    static Ids ids_of(const std::vector<JobRecord>& jobs) {
        Ids ids;
        for (const auto& each : jobs) ids.push_back(each.id);
        return ids;
    }
    /// What the sink was told since the last call.
    Ids take_told() { return ids_of(std::exchange(told, {})); }
    std::vector<std::string> differences() { return run(messages().verify()).differences; }
    /// Nothing that the test did may upset a count or leave a group without a head.
    void TearDown() override {
        if (store) {
            EXPECT_EQ(differences(), std::vector<std::string>());
        }
        store.reset();
    }

    std::unique_ptr<StoreHarness> harness;
    ManualClock clock;
    boost::asio::io_context io;
    BlockingPool threads{2};
    std::uint64_t last_id = 1'000;
    std::vector<ReadyJob> told;
    std::unique_ptr<Store> store;
};

}  // namespace fc::store
