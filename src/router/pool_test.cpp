#include "router/pool.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace fc::router {
namespace {

const TimePoint start = from_unix_millis(1'800'000'000'000);

Work work(std::uint64_t lane, std::uint64_t job, bool retry = false) {
    return Work{.lane = lane, .job = job, .retry = retry, .payload = {}};
}

std::vector<std::uint64_t> start_all(Pool& pool, TimePoint now) {
    std::vector<std::uint64_t> started;
    while (const auto next = pool.next(now)) started.push_back(next->job);
    return started;
}

using Jobs = std::vector<std::uint64_t>;

TEST(Pool, StartsInOrderUpToItsConcurrency) {
    Pool pool{{.concurrency = 2}, start};
    for (std::uint64_t job = 1; job <= 3; ++job)
        EXPECT_EQ(pool.push(work(1, job), start), Pool::Push::queued);
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 2}));
    EXPECT_EQ(pool.next_due(start), std::nullopt) << "only a finish can change it";
    pool.finish(1);
    EXPECT_EQ(pool.next_due(start), start);
    EXPECT_EQ(start_all(pool, start), (Jobs{3}));
}

TEST(Pool, KeepsThePayloadAndSaysWhen) {
    Pool pool{{}, start};
    Work item = work(1, 1);
    item.payload = std::make_shared<int>(42);
    pool.push(std::move(item), start);
    const auto next = pool.next(start + Millis{7});
    EXPECT_EQ(*std::static_pointer_cast<int>(next->payload), 42);
    EXPECT_EQ(next->started_at - next->queued_at, Millis{7});
    EXPECT_EQ(pool.active_work().front().job, 1u);
}

TEST(Pool, ServesLanesInTurn) {
    Pool pool{{.concurrency = 100}, start};
    for (std::uint64_t job = 1; job <= 3; ++job) pool.push(work(1, job), start);
    pool.push(work(2, 11), start);
    pool.push(work(3, 21), start);
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 11, 21, 2, 3}));
}

TEST(Pool, SlowLaneLeavesPermitsToAFastOne) {
    Pool pool{{.concurrency = 10}, start};
    for (std::uint64_t job = 1; job <= 100; ++job) pool.push(work(1, job), start);
    for (std::uint64_t job = 1'001; job <= 1'100; ++job) pool.push(work(2, job), start);
    int fast_done = 0;
    for (int round = 0; round < 200; ++round) {  // lane 1 never finishes, lane 2 at once
        for (const std::uint64_t job : start_all(pool, start)) {
            if (job < 1'000) continue;
            pool.finish(job);
            ++fast_done;
        }
    }
    EXPECT_EQ(fast_done, 100);
    EXPECT_EQ(pool.lane_stats(1).active, 10u) << "with nobody else waiting it may have all";
}

TEST(Pool, SlowLaneKeepsToItsShareWhileOthersWait) {
    Pool pool{{.concurrency = 10}, start};
    for (std::uint64_t job = 1; job <= 100; ++job) {
        pool.push(work(1, job), start);
        pool.push(work(2, 1'000 + job), start);
    }
    for (int round = 0; round < 50; ++round) {
        const auto next = pool.next(start);
        if (next && next->lane == 2) pool.finish(next->job);
        EXPECT_LE(pool.lane_stats(1).active, 5u);
    }
}

TEST(Pool, OneLaneAloneMayUseAllPermits) {
    Pool pool{{.concurrency = 5}, start};
    for (std::uint64_t job = 1; job <= 9; ++job) pool.push(work(1, job), start);
    EXPECT_EQ(start_all(pool, start).size(), 5u);
}

TEST(Pool, FirstAttemptsAndRetriesTakeTurns) {
    Pool pool{{}, start};
    for (std::uint64_t job = 1; job <= 4; ++job) pool.push(work(1, job, true), start);
    pool.push(work(1, 11), start);
    pool.push(work(1, 12), start);
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 11, 2, 12, 3, 4}));
}

TEST(Pool, TakesNoTokenWithoutAPermitAndNoPermitWithoutAToken) {
    Pool pool{{.concurrency = 1, .rate_per_minute = 60}, start};
    for (std::uint64_t job = 1; job <= 3; ++job) pool.push(work(1, job), start);
    EXPECT_EQ(start_all(pool, start), (Jobs{1}));
    EXPECT_FALSE(pool.next(start + Millis{1'000})) << "no permit: the token stays";
    pool.finish(1);
    EXPECT_EQ(start_all(pool, start + Millis{1'000}), (Jobs{2}));
    pool.finish(2);
    EXPECT_FALSE(pool.next(start + Millis{1'000})) << "no token: the permit stays";
    EXPECT_EQ(pool.active(), 0u);
    EXPECT_EQ(pool.next_due(start + Millis{1'000}), start + Millis{2'000});
}

TEST(Pool, Defect29WaitsForATokenInsteadOfRefusing) {
    Pool pool{{.concurrency = 5, .rate_per_minute = 60}, start};
    for (std::uint64_t job = 1; job <= 3; ++job) pool.push(work(1, job), start);
    Jobs started;
    TimePoint now = start;
    for (int step = 0; step < 5; ++step) {
        const auto some = start_all(pool, now);
        started.insert(started.end(), some.begin(), some.end());
        if (const auto due = pool.next_due(now)) now = *due;
    }
    EXPECT_EQ(started, (Jobs{1, 2, 3}));
    EXPECT_EQ(now, start + Millis{2'000});
    EXPECT_EQ(pool.stats().rate_waits_total, 2u);
}

TEST(Pool, Defect29SameLimitsAgainDoNotFillTheBucket) {
    const PoolLimits limits{.concurrency = 5, .rate_per_minute = 60};
    Pool pool{limits, start};
    for (std::uint64_t job = 1; job <= 3; ++job) pool.push(work(1, job), start);
    EXPECT_EQ(start_all(pool, start).size(), 1u);
    pool.set_limits(limits, start);
    EXPECT_EQ(start_all(pool, start).size(), 0u);
}

TEST(Pool, Defect30ConcurrencyCanGrowAboveItsFirstValue) {
    Pool pool{{.concurrency = 1}, start};
    for (std::uint64_t job = 1; job <= 9; ++job) pool.push(work(1, job), start);
    EXPECT_EQ(start_all(pool, start).size(), 1u);
    pool.set_limits({.concurrency = 6}, start);
    EXPECT_EQ(start_all(pool, start).size(), 5u);
}

TEST(Pool, LoweredConcurrencyWaitsForWhatRuns) {
    Pool pool{{.concurrency = 4}, start};
    for (std::uint64_t job = 1; job <= 9; ++job) pool.push(work(1, job), start);
    ASSERT_EQ(start_all(pool, start), (Jobs{1, 2, 3, 4}));
    pool.set_limits({.concurrency = 2}, start);
    pool.finish(1);
    pool.finish(2);
    EXPECT_FALSE(pool.next(start));
    pool.finish(3);
    EXPECT_EQ(start_all(pool, start), (Jobs{5}));
}

TEST(Pool, Defect31FullPoolAndFullLaneRefuse) {
    Pool pool{{.concurrency = 1, .queued_max = 3, .lane_queued_max = 2}, start};
    EXPECT_EQ(pool.push(work(1, 1), start), Pool::Push::queued);
    EXPECT_EQ(pool.push(work(1, 2), start), Pool::Push::queued);
    EXPECT_EQ(pool.push(work(1, 3), start), Pool::Push::lane_full);
    EXPECT_EQ(pool.room(), 1u);
    EXPECT_EQ(pool.push(work(2, 4), start), Pool::Push::queued);
    EXPECT_EQ(pool.push(work(3, 5), start), Pool::Push::pool_full);
    EXPECT_EQ(pool.room(), 0u);
    ASSERT_TRUE(pool.next(start));
    EXPECT_EQ(pool.push(work(3, 5), start), Pool::Push::queued) << "what runs takes no place";
}

TEST(Pool, SameJobTwiceIsRefusedUntilItEnds) {
    Pool pool{{}, start};
    pool.push(work(1, 1), start);
    EXPECT_EQ(pool.push(work(2, 1), start), Pool::Push::duplicate);
    ASSERT_TRUE(pool.next(start));
    EXPECT_EQ(pool.push(work(1, 1, true), start), Pool::Push::duplicate);
    pool.finish(1);
    EXPECT_EQ(pool.push(work(1, 1, true), start), Pool::Push::queued);
}

TEST(Pool, BlockedLaneWaitsAndOthersGoOn) {
    Pool pool{{}, start};
    pool.push(work(1, 1), start);
    pool.push(work(2, 2), start);
    pool.block_lane(1, start + Millis{500});
    EXPECT_EQ(start_all(pool, start), (Jobs{2}));
    EXPECT_EQ(pool.next_due(start), start + Millis{500});
    pool.block_lane(1, start + Millis{900});
    EXPECT_FALSE(pool.next(start + Millis{500}));
    EXPECT_EQ(start_all(pool, start + Millis{900}), (Jobs{1}));
}

TEST(Pool, EmptyLaneCanBeBlockedAhead) {
    Pool pool{{}, start};
    pool.block_lane(1, start + Millis{500});
    pool.push(work(1, 1), start);
    EXPECT_FALSE(pool.next(start));
    EXPECT_TRUE(pool.next(start + Millis{500}));
}

TEST(Pool, HeldLaneWaitsForItsRelease) {
    Pool pool{{}, start};
    pool.hold_lane(1);
    pool.push(work(1, 1), start);
    EXPECT_FALSE(pool.next(start));
    EXPECT_EQ(pool.next_due(start), std::nullopt);
    pool.release_lane(1);
    EXPECT_TRUE(pool.next(start));
}

TEST(Pool, SuspendedPoolKeepsWhatItHas) {
    Pool pool{{}, start};
    pool.push(work(1, 1), start);
    pool.suspend();
    EXPECT_EQ(pool.push(work(1, 2), start), Pool::Push::queued);
    EXPECT_FALSE(pool.next(start));
    EXPECT_EQ(pool.next_due(start), std::nullopt);
    pool.resume();
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 2}));
}

TEST(Pool, PutBackWorkIsFirstAgainAndCostsNoToken) {
    Pool pool{{.concurrency = 5, .rate_per_minute = 60}, start};
    pool.push(work(1, 1), start);
    pool.push(work(1, 2), start);
    pool.push(work(1, 11, true), start);
    const auto first = pool.next(start);
    ASSERT_TRUE(first);
    pool.put_back(first->job, start);
    EXPECT_EQ(pool.active(), 0u);
    const auto again = pool.next(start);
    ASSERT_TRUE(again) << "the token came back";
    EXPECT_EQ(again->job, first->job);
}

TEST(Pool, LateReturnKeepsItsTokenSpent) {
    Pool pool{{.concurrency = 5, .rate_per_minute = 60}, start};
    pool.push(work(1, 1), start);
    ASSERT_TRUE(pool.next(start));
    pool.put_back(1, start + Millis{10});
    EXPECT_FALSE(pool.next(start + Millis{10}));
    EXPECT_TRUE(pool.next(start + Millis{1'000}));
}

TEST(Pool, RecallTakesBackOnlyWhatHasNotStarted) {
    Pool pool{{.concurrency = 1}, start};
    pool.push(work(1, 1), start);
    pool.push(work(1, 2), start);
    ASSERT_TRUE(pool.next(start));
    EXPECT_EQ(pool.recall(1), Pool::Recall::active);
    EXPECT_EQ(pool.recall(2), Pool::Recall::recalled);
    EXPECT_EQ(pool.recall(2), Pool::Recall::unknown);
    pool.finish(1);
    EXPECT_TRUE(pool.is_idle());
    EXPECT_EQ(pool.stats().lanes, 0u);
}

TEST(Pool, Defect33DroppedWorkIsHandedBackInOrder) {
    Pool pool{{.concurrency = 1}, start};
    for (std::uint64_t job = 1; job <= 4; ++job) pool.push(work(1, job), start);
    pool.push(work(2, 9), start);
    ASSERT_EQ(pool.next(start)->job, 1u);
    Jobs dropped;
    for (const Work& item : pool.drop_lane(1)) dropped.push_back(item.job);
    EXPECT_EQ(dropped, (Jobs{2, 3, 4}));
    EXPECT_EQ(pool.drop_all().size(), 1u);
    EXPECT_EQ(pool.queued(), 0u);
    EXPECT_EQ(pool.active(), 1u);
    pool.finish(1);
    EXPECT_TRUE(pool.is_idle());
}

/// Random use against a plain model: nothing lost or twice, order in each class of a lane, both limits kept.
class PoolModel {
public:
    explicit PoolModel(std::uint64_t seed) : random_(seed), limits_(some_limits()), pool_(limits_, start) {}

    void step() {
        now_ += Millis{static_cast<std::int64_t>(random_() % 40)};
        switch (random_() % 14) {
            case 0:
                pool_.block_lane(random_() % 5, now_ + Millis{static_cast<std::int64_t>(random_() % 900)});
                break;
            case 1: pool_.hold_lane(random_() % 5); break;
            case 2: pool_.release_lane(random_() % 5); break;
            case 3: recall(); break;
            case 4: put_back(); break;
            case 5:
                limits_.concurrency = static_cast<std::uint32_t>(1 + random_() % 8);
                pool_.set_limits(limits_, now_);
                break;
            case 6:
            case 7:
            case 8: finish(); break;
            case 9: start_some(); break;
            default: push(); break;
        }
        start_some();
        ASSERT_EQ(pool_.active(), active_.size());
        ASSERT_EQ(pool_.queued(), queued_count());
    }

    void drain() {
        for (std::uint64_t lane = 0; lane < 5; ++lane) pool_.release_lane(lane);
        for (int i = 0; i < 100'000 && !pool_.is_idle(); ++i) {
            start_some();
            if (!active_.empty()) finish();
            if (const auto due = pool_.next_due(now_)) now_ = std::max(now_, *due);
        }
        ASSERT_TRUE(pool_.is_idle());
        ASSERT_EQ(queued_count(), 0u);
        ASSERT_EQ(pool_.next_due(now_ + Millis{10'000}), std::nullopt);
        ASSERT_EQ(pool_.stats().lanes, 0u);
    }

private:
    PoolLimits some_limits() {
        return {
            .concurrency = static_cast<std::uint32_t>(1 + random_() % 8),
            .rate_per_minute = random_() % 2 == 0 ? 0 : static_cast<std::int64_t>(600 + random_() % 6'000),
            .queued_max = 60,
            .lane_queued_max = 20,
        };
    }
    std::size_t queued_count() const {
        std::size_t count = 0;
        for (const auto& [key, jobs] : queued_) count += jobs.size();
        return count;
    }
    void push() {
        const Work item = work(random_() % 5, ++last_job_, random_() % 3 == 0);
        if (pool_.push(item, now_) == Pool::Push::queued)
            queued_[{item.lane, item.retry}].push_back(item.job);
    }
    void start_some() {
        while (const auto next = pool_.next(now_)) {
            auto& expected = queued_[{next->lane, next->retry}];
            ASSERT_FALSE(expected.empty());
            ASSERT_EQ(next->job, expected.front());
            expected.pop_front();
            ASSERT_LT(active_.size(), limits_.concurrency);
            active_.push_back(*next);
            check_rate();
            if (random_() % 8 == 0) return put_back();
        }
    }
    void check_rate() {
        if (limits_.rate_per_minute == 0) return;
        sent_.push_back(now_);
        while (now_ - sent_.front() > Millis{60'000}) sent_.pop_front();
        ASSERT_LE(
            static_cast<std::int64_t>(sent_.size()),
            limits_.rate_per_minute + std::max<std::int64_t>(1, limits_.rate_per_minute / 60));
    }
    void finish() {
        if (active_.empty()) return;
        const std::size_t index = random_() % active_.size();
        pool_.finish(active_[index].job);
        active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    void put_back() {
        if (active_.empty()) return;
        const Work item = active_.back();
        active_.pop_back();
        pool_.put_back(item.job, now_);
        if (item.started_at == now_ && !sent_.empty()) sent_.pop_back();
        queued_[{item.lane, item.retry}].push_front(item.job);
    }
    void recall() {
        for (auto& [key, jobs] : queued_) {
            if (jobs.empty()) continue;
            ASSERT_EQ(pool_.recall(jobs.back()), Pool::Recall::recalled);
            jobs.pop_back();
            return;
        }
    }

    std::mt19937_64 random_;
    PoolLimits limits_;
    Pool pool_;
    TimePoint now_ = start;
    std::uint64_t last_job_ = 0;
    std::map<std::pair<std::uint64_t, bool>, std::deque<std::uint64_t>> queued_;
    std::vector<Work> active_;
    std::deque<TimePoint> sent_;
};

TEST(Pool, KeepsItsPromisesUnderRandomUse) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        PoolModel model{seed};
        for (int step = 0; step < 400; ++step) {
            model.step();
            if (testing::Test::HasFatalFailure()) return;
        }
        model.drain();
        if (testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace fc::router
