#include "router/lane_quota.h"

#include "router/pool.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace fc::router {
namespace {

const TimePoint start = from_unix_millis(1'800'000'000'000);
using Jobs = std::vector<std::uint64_t>;
using Kind = StartWait::Kind;

Jobs start_all(Pool& pool, TimePoint now) {
    Jobs started;
    while (const auto next = pool.next(now)) started.push_back(next->job);
    return started;
}

void push(Pool& pool, std::uint64_t lane, std::uint64_t first, std::uint64_t last) {
    for (auto job = first; job <= last; ++job) pool.push({.lane = lane, .job = job}, start);
}

TEST(LaneQuota, ALaneStartsNoMoreThanItsConcurrencyAndOthersGoOn) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 2}, start);
    Pool pool{{.concurrency = 10}, start, &quotas};
    push(pool, 1, 1, 4);
    push(pool, 2, 11, 13);
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 11, 2, 12, 13}));
    EXPECT_EQ(pool.next_due(start), std::nullopt) << "only a finish can change it";
    pool.finish(1);
    EXPECT_EQ(start_all(pool, start), (Jobs{3}));
}

TEST(LaneQuota, ALaneStartsNoFasterThanItsRateAndOthersGoOn) {
    LaneQuotas quotas;
    quotas.set(1, {.rate_per_minute = 60}, start);
    Pool pool{{.concurrency = 10}, start, &quotas};
    push(pool, 1, 1, 3);
    push(pool, 2, 11, 12);
    EXPECT_EQ(start_all(pool, start), (Jobs{1, 11, 12}));
    EXPECT_EQ(pool.next_due(start), start + Millis{1'000});
    EXPECT_FALSE(pool.next(start + Millis{999}));
    EXPECT_EQ(start_all(pool, start + Millis{1'000}), (Jobs{2}));
    EXPECT_EQ(start_all(pool, start + Millis{2'000}), (Jobs{3}));
}

TEST(LaneQuota, ATokenOfTheLaneIsNotSpentWhileThePoolHasNone) {
    LaneQuotas quotas;
    quotas.set(1, {.rate_per_minute = 60}, start);
    Pool pool{{.concurrency = 10, .rate_per_minute = 6}, start, &quotas};
    push(pool, 2, 11, 11);
    EXPECT_EQ(start_all(pool, start), (Jobs{11}));
    push(pool, 1, 1, 2);
    EXPECT_EQ(start_all(pool, start), (Jobs{}));
    EXPECT_EQ(start_all(pool, start + Millis{10'000}), (Jobs{1}));
    pool.set_limits({.concurrency = 10, .rate_per_minute = 600'000}, start + Millis{10'000});
    EXPECT_EQ(pool.next_due(start + Millis{10'000}), start + Millis{11'000});
    EXPECT_EQ(start_all(pool, start + Millis{10'900}), (Jobs{}));
    EXPECT_EQ(start_all(pool, start + Millis{11'000}), (Jobs{2}));
}

TEST(LaneQuota, PoolsShareItAndTheOneThatWaitsIsWoken) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 1}, start);
    Pool one{{}, start, &quotas};
    Pool other{{}, start, &quotas};
    int woken = 0;
    other.on_quota_freed([&] { ++woken; });
    push(one, 1, 1, 2);
    push(other, 1, 11, 12);
    EXPECT_EQ(start_all(one, start), (Jobs{1}));
    EXPECT_EQ(start_all(other, start), (Jobs{}));
    one.finish(1);
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(start_all(other, start), (Jobs{11}));
    EXPECT_EQ(start_all(one, start), (Jobs{}));
    other.finish(11);
    EXPECT_EQ(start_all(one, start), (Jobs{2}));
}

TEST(LaneQuota, WhatRunsAlreadyCountsWhenALimitIsSet) {
    LaneQuotas quotas;
    Pool pool{{}, start, &quotas};
    push(pool, 1, 1, 3);
    ASSERT_EQ(start_all(pool, start), (Jobs{1, 2, 3}));
    quotas.set(1, {.concurrency = 2}, start);
    push(pool, 1, 4, 5);
    pool.finish(1);
    EXPECT_EQ(start_all(pool, start), (Jobs{}));
    pool.finish(2);
    EXPECT_EQ(start_all(pool, start), (Jobs{4}));
}

TEST(LaneQuota, AChangeTakesEffectAtOnce) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 1, .rate_per_minute = 1}, start);
    Pool pool{{}, start, &quotas};
    int woken = 0;
    pool.on_quota_freed([&] { ++woken; });
    push(pool, 1, 1, 6);
    ASSERT_EQ(start_all(pool, start), (Jobs{1}));
    pool.finish(1);
    ASSERT_EQ(start_all(pool, start), (Jobs{}));
    quotas.set(1, {.concurrency = 3}, start);
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(start_all(pool, start), (Jobs{2, 3, 4}));
    quotas.set(1, {}, start);
    EXPECT_EQ(start_all(pool, start), (Jobs{5, 6}));
}

TEST(LaneQuota, TheSameLimitsAgainDoNotFillTheBucket) {
    LaneQuotas quotas;
    quotas.set(1, {.rate_per_minute = 60}, start);
    Pool pool{{}, start, &quotas};
    push(pool, 1, 1, 2);
    ASSERT_EQ(start_all(pool, start), (Jobs{1}));
    quotas.set(1, {.rate_per_minute = 60}, start);
    EXPECT_EQ(start_all(pool, start), (Jobs{}));
}

TEST(LaneQuota, WhatIsPutBackReturnsPermitAndToken) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 1, .rate_per_minute = 60}, start);
    Pool pool{{}, start, &quotas};
    push(pool, 1, 1, 1);
    ASSERT_TRUE(pool.next(start));
    pool.put_back(1, start);
    EXPECT_TRUE(pool.next(start));
    pool.put_back(1, start + Millis{1});
    EXPECT_FALSE(pool.next(start + Millis{1})) << "returned too late: the token stays spent";
}

TEST(LaneQuota, APoolThatIsGoneIsForgotten) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 1}, start);
    Pool stays{{}, start, &quotas};
    push(stays, 1, 1, 1);
    ASSERT_TRUE(stays.next(start));
    {
        Pool goes{{}, start, &quotas};
        push(goes, 1, 11, 11);
        ASSERT_FALSE(goes.next(start));
    }
    stays.finish(1);
    quotas.set(1, {.concurrency = 2}, start);
}

TEST(LaneQuota, OwnJobsAndTheirPointersAreOneLane) {
    LaneQuotas quotas;
    quotas.set(1, {.concurrency = 1}, start);
    Pool pool{{}, start, &quotas};
    push(pool, 1 | pointer_bit, 1, 2);
    push(pool, 1, 3, 3);
    EXPECT_EQ(start_all(pool, start), (Jobs{1}));
}

TEST(StartWait, SaysWhatWorkWaitsFor) {
    LaneQuotas quotas;
    Pool pool{{.concurrency = 1, .rate_per_minute = 60}, start, &quotas};
    push(pool, 1, 1, 2);
    EXPECT_EQ(pool.wait_of(9, start), std::nullopt);
    EXPECT_EQ(pool.wait_of(1, start), StartWait{Kind::turn});
    ASSERT_TRUE(pool.next(start));
    EXPECT_EQ(pool.wait_of(1, start), std::nullopt) << "it runs";
    EXPECT_EQ(pool.wait_of(2, start), StartWait{Kind::concurrency});
    quotas.set(1, {.concurrency = 1}, start);
    EXPECT_EQ(pool.wait_of(2, start), StartWait{Kind::lane_concurrency});
    pool.finish(1);
    EXPECT_EQ(pool.wait_of(2, start), (StartWait{Kind::rate, start + Millis{1'000}}));
    quotas.set(1, {.rate_per_minute = 6}, start);
    ASSERT_TRUE(pool.next(start + Millis{1'000}));
    pool.finish(2);
    push(pool, 1, 3, 3);
    EXPECT_EQ(pool.wait_of(3, start + Millis{1'000}), (StartWait{Kind::lane_rate, start + Millis{11'000}}));
    pool.block_lane(1, start + Millis{5'000});
    EXPECT_EQ(pool.wait_of(3, start), (StartWait{Kind::blocked, start + Millis{5'000}}));
    pool.hold_lane(1);
    EXPECT_EQ(pool.wait_of(3, start), StartWait{Kind::held});
    pool.suspend();
    EXPECT_EQ(pool.wait_of(3, start), StartWait{Kind::suspended});
}

/// Random use of two pools against a plain model of what each lane may.
class QuotaModel {
public:
    explicit QuotaModel(std::uint64_t seed) : random_(seed) {
        for (std::uint64_t lane = 1; lane <= lanes; ++lane) limit(lane);
    }
    void step() {
        now_ += Millis{static_cast<std::int64_t>(random_() % 60)};
        switch (random_() % 8) {
            case 0: limit(1 + random_() % lanes); break;
            case 1:
            case 2: finish(); break;
            default: push(); break;
        }
        for (auto* pool : {&one_, &other_}) start_some(*pool);
    }
    void drain() {
        for (int round = 0; round < 100'000 && !(one_.is_idle() && other_.is_idle()); ++round) {
            for (auto* pool : {&one_, &other_}) start_some(*pool);
            if (!active_.empty()) {
                finish();
                continue;
            }
            auto due = one_.next_due(now_);
            const auto other = other_.next_due(now_);
            if (!due || (other && *other < *due)) due = other;
            ASSERT_TRUE(due) << "work waits, and nothing will start it";
            now_ = std::max(now_, *due);
        }
        ASSERT_TRUE(one_.is_idle() && other_.is_idle());
    }

private:
    static constexpr std::uint64_t lanes = 3;
    struct Fact {
        LaneLimits limits;
        std::size_t active = 0;
        std::deque<TimePoint> sent;  ///< since the rate was set, at most a minute
    };
    struct Active {
        Pool* pool;
        Work work;
    };

    void limit(std::uint64_t lane) {
        auto& fact = facts_[lane];
        fact.limits.concurrency = static_cast<std::uint32_t>(random_() % 4);
        fact.limits.rate_per_minute =
            random_() % 2 == 0 ? 0 : static_cast<std::int64_t>(60 + random_() % 3'000);
        fact.sent.clear();
        quotas_.set(lane, fact.limits, now_);
    }
    void push() {
        Pool& pool = random_() % 2 == 0 ? one_ : other_;
        pool.push({.lane = 1 + random_() % lanes, .job = ++last_job_}, now_);
    }
    void start_some(Pool& pool) {
        while (const auto next = pool.next(now_)) {
            auto& fact = facts_[next->lane];
            ++fact.active;
            if (fact.limits.concurrency != 0) ASSERT_LE(fact.active, fact.limits.concurrency);
            fact.sent.push_back(now_);
            while (now_ - fact.sent.front() > Millis{60'000}) fact.sent.pop_front();
            const auto rate = fact.limits.rate_per_minute;
            if (rate != 0)
                ASSERT_LE(
                    static_cast<std::int64_t>(fact.sent.size()), rate + std::max<std::int64_t>(1, rate / 60));
            if (random_() % 8 == 0) {
                fact.sent.pop_back();
                --fact.active;
                pool.put_back(next->job, now_);
                return;
            }
            active_.push_back({&pool, *next});
        }
    }
    void finish() {
        if (active_.empty()) return;
        const auto at = random_() % active_.size();
        const auto ended = active_[at];
        active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(at));
        --facts_[ended.work.lane].active;
        ended.pool->finish(ended.work.job);
    }

    std::mt19937_64 random_;
    LaneQuotas quotas_;
    Pool one_{{.concurrency = 5}, start, &quotas_};
    Pool other_{{.concurrency = 3, .rate_per_minute = 6'000}, start, &quotas_};
    TimePoint now_ = start;
    std::uint64_t last_job_ = 0;
    std::map<std::uint64_t, Fact> facts_;
    std::vector<Active> active_;
};

TEST(LaneQuota, KeepsItsPromisesUnderRandomUse) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        QuotaModel model{seed};
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
