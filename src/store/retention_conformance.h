#pragma once

#include "store/store_fixture.h"

/// What retention takes and what it leaves. The fixture recounts after each test: what was purged still
/// counts.
namespace fc::store {

class RetentionConformance : public StoreConformance {
public:
    using What = PurgeRequest::What;
    static constexpr Millis day{std::chrono::hours{24}};

    /// All that is over by now, in steps of `limit`; how many rows went.
    std::size_t purge(What what, std::size_t limit = 100) {
        PurgeRequest request;
        request.what = what;
        request.before = clock.now();
        request.keys_before = clock.now() - day;
        request.limit = limit;
        std::size_t rows = 0;
        do {
            const auto purged = run(messages().purge(request));
            EXPECT_LE(purged.rows, limit);
            rows += purged.rows;
            request.after = purged.next;
        } while (request.after);
        return rows;
    }
    bool has_job(Tsid id) { return run(messages().find_job(id)).has_value(); }
    bool has_event(Tsid id) { return run(messages().find_event(id)).has_value(); }
    void pass_a_moment() { clock.advance(Millis{1}); }
};

TEST_P(RetentionConformance, EndedJobsGoWithTheirAttempts) {
    const auto done = add(job());
    const auto dead = add(job());
    const auto cancelled = add(job());
    settle(done, Kind::completed);
    settle(dead, Kind::error);
    (void)cancel(cancelled);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs), 3u);
    for (const auto id : {done, dead, cancelled}) EXPECT_FALSE(has_job(id));
    EXPECT_TRUE(run(messages().attempts(done)).empty());
    EXPECT_EQ(retry(done).error().code, "JOB_NOT_FOUND");
}

TEST_P(RetentionConformance, OpenJobsAndTheErrorThatBlocksAGroupStay) {
    const auto open = add(job());
    const auto line = add_group("g", 2, DispatchMode::block_on_error);
    settle(line[0], Kind::error);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs), 0u);
    EXPECT_TRUE(has_job(open) && has_job(line[0]) && has_job(line[1]));
    (void)cancel(line[0]);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs), 1u);
    EXPECT_EQ(head(line[1]), line[1]) << "those behind it go on";
}

TEST_P(RetentionConformance, AJobIsAsOldAsItsEnd) {
    const auto late = add(job());
    clock.advance(day);
    const auto before = clock.now();
    pass_a_moment();
    settle(late, Kind::completed);
    PurgeRequest request;
    request.before = before;
    EXPECT_EQ(run(messages().purge(request)).rows, 0u);
    EXPECT_TRUE(has_job(late));
}

TEST_P(RetentionConformance, AnEventStaysAsLongAsAJobOfIt) {
    auto made = event({job(), job()});
    const auto id = made.event.id;
    const Ids jobs{made.jobs[0].id, made.jobs[1].id};
    const auto lonely = event();
    append(made);
    append(lonely);
    settle(jobs[0], Kind::completed);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs), 1u);
    EXPECT_EQ(purge(What::events), 1u);
    EXPECT_FALSE(has_event(lonely.event.id));
    EXPECT_TRUE(has_event(id)) << "an event with an unfinished job is never deleted";
    EXPECT_EQ(run(messages().find_event(id))->job_count, 2) << "it still says how many there were";
    EXPECT_EQ(differences(), std::vector<std::string>());
    settle(jobs[1], Kind::completed);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs), 1u);
    EXPECT_EQ(purge(What::events), 1u);
    EXPECT_FALSE(has_event(id));
}

TEST_P(RetentionConformance, KeysLiveADayAtLeast) {
    auto keyed = job();
    keyed.idempotency_key = "once";
    add(keyed);
    settle(keyed.id, Kind::completed);
    auto published = event();
    published.event.deduplication_id = "once";
    append(published);
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs) + purge(What::events), 0u);
    EXPECT_TRUE(append(published).at(0).duplicate);
    clock.advance(day);
    EXPECT_EQ(purge(What::jobs) + purge(What::events), 2u);
    published.event.id = next_id();
    EXPECT_FALSE(append(published).at(0).duplicate) << "its time is over";
}

TEST_P(RetentionConformance, TalliesAreNotLowered) {
    auto made = event({job()});
    made.jobs[0].counted_pool = Tsid{12};
    made.event.client_id = Tsid{5};
    append(made);
    settle(made.jobs[0].id, Kind::completed);
    pass_a_moment();
    const auto before = run(messages().tallies());
    EXPECT_EQ(before.pools.at(Tsid{12}), (PoolTally{.created = 1, .completed = 1}));
    EXPECT_EQ(before.clients.at(Tsid{5}), (ClientTally{.accepted = 1, .with_jobs = 1}));
    ASSERT_EQ(purge(What::jobs) + purge(What::events), 2u);
    const auto after = run(messages().tallies());
    EXPECT_EQ(after.pools, before.pools);
    EXPECT_EQ(after.clients, before.clients);
}

TEST_P(RetentionConformance, SmallStepsReachEverything) {
    for (int n = 0; n < 25; ++n) {
        const auto id = add(job());
        if (n % 5 != 0) settle(id, Kind::completed);
    }
    pass_a_moment();
    EXPECT_EQ(purge(What::jobs, 3), 20u);
    EXPECT_EQ(purge(What::jobs, 3), 0u);
}

TEST_P(RetentionConformance, AReplayOfAPurgedEventIsNotStored) {
    const auto gone = event();
    append(gone);
    pass_a_moment();
    ASSERT_EQ(purge(What::events), 1u);
    auto replay = job();
    replay.event_id = gone.event.id;
    replay.spec.clear();
    replay.origin = JobOrigin::replay;
    std::vector<JobRecord> one{replay};
    EXPECT_EQ(run(messages().add_jobs(one)).at(0).id, Tsid{});
    EXPECT_FALSE(has_job(replay.id));
}

TEST_P(RetentionConformance, AnOutcomeThatComesAfterThePurgeLeavesNothing) {
    const auto id = add(job());
    auto late = settlement(id, Kind::completed);
    (void)cancel(id);
    pass_a_moment();
    ASSERT_EQ(purge(What::jobs), 1u);
    settle(late);
    EXPECT_FALSE(has_job(id));
    EXPECT_TRUE(run(messages().attempts(id)).empty());
}

}  // namespace fc::store
