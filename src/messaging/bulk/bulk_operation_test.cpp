#include "messaging/bulk/bulk_operation.h"

#include "messaging/bulk/bulk_work.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

using store::JobOrigin;
using store::JobStatus;

constexpr TimePoint now{Millis{1'800'000'000'000}};

BulkTally tally(std::int64_t changed, std::int64_t skipped = 0) {
    BulkTally done;
    done.processed = changed + skipped;
    done.changed = changed;
    if (skipped > 0) done.skipped["STATUS_CHANGED"] = skipped;
    return done;
}

TEST(BulkOperation, AStepIsCountedAndTheNextIsTakenDownWithIt) {
    BulkOperation one;
    advance(one, {}, {{Tsid{1}, Tsid{2}}, Tsid{2}, false}, now);
    EXPECT_EQ(one.progress.processed, 0);
    advance(one, tally(1, 1), {{Tsid{3}}, Tsid{}, true}, now);
    EXPECT_EQ(one.progress.changed, 1);
    EXPECT_EQ(one.progress.skipped.at("STATUS_CHANGED"), 1);
    EXPECT_EQ(one.step, std::vector{Tsid{3}});
    EXPECT_EQ(one.state, BulkState::running) << "the last step is not done yet";
    advance(one, tally(1), {{}, Tsid{}, true}, now);
    EXPECT_EQ(one.state, BulkState::completed);
    EXPECT_EQ(one.ended_at, now);
    EXPECT_EQ(one.progress.processed, 3);
}

TEST(BulkOperation, ASearchThatGaveUpIsNotItsEnd) {
    BulkOperation one;
    advance(one, {}, {{}, Tsid{9}, false}, now);
    EXPECT_EQ(one.state, BulkState::running);
    EXPECT_EQ(one.cursor, Tsid{9});
}

TEST(BulkOperation, WhatWasDoneCountsAlsoAfterAPauseOrAStop) {
    BulkOperation paused;
    ASSERT_TRUE(pause(paused, now));
    advance(paused, tally(5), {{}, Tsid{}, true}, now);
    EXPECT_EQ(paused.state, BulkState::paused) << "it ends when it is resumed";
    EXPECT_EQ(paused.progress.changed, 5);
    BulkOperation stopped;
    ASSERT_TRUE(stop(stopped, now));
    advance(stopped, tally(5), {{Tsid{1}}, Tsid{1}, false}, now);
    EXPECT_EQ(stopped.state, BulkState::stopped);
    EXPECT_EQ(stopped.progress.changed, 5);
    EXPECT_TRUE(stopped.step.empty()) << "nothing comes after it";
}

TEST(BulkOperation, WhatMayBeAskedWhen) {
    BulkOperation one;
    EXPECT_EQ(resume(one, now).error().code, "BULK_OPERATION_NOT_PAUSED");
    EXPECT_EQ(must_have_ended(one, now).error().code, "BULK_OPERATION_NOT_ENDED");
    ASSERT_TRUE(pause(one, now));
    EXPECT_EQ(pause(one, now).error().code, "BULK_OPERATION_NOT_RUNNING");
    EXPECT_EQ(must_have_ended(one, now).error().code, "BULK_OPERATION_NOT_ENDED");
    ASSERT_TRUE(resume(one, now));
    fail(one, "cannot be read", now);
    EXPECT_EQ(one.state, BulkState::failed);
    EXPECT_EQ(one.error, "cannot be read");
    EXPECT_EQ(stop(one, now).error().code, "BULK_OPERATION_ENDED");
    EXPECT_TRUE(must_have_ended(one, now));
}

TEST(BulkOperation, AStepIsWhatASecondAllowsWithinItsBounds) {
    EXPECT_EQ(step_size(1), 1U);
    EXPECT_EQ(step_size(600), 10U);
    EXPECT_EQ(step_size(6'000), 100U);
    EXPECT_EQ(step_size(600'000), bulk_step_max);
    EXPECT_EQ(time_of(600, 10), seconds{1});
    EXPECT_EQ(time_of(1, 1), seconds{60});
    EXPECT_EQ(time_of(600'000, 100), Millis{10});
    EXPECT_EQ(time_of(6'000, 0), Millis{0}) << "what is skipped costs nothing";
}

TEST(BulkOperation, AClientsOperationMeansItsOwnWhateverTheFilterSays) {
    BulkOperation one;
    one.filter.client_ids = {Tsid{78}};
    EXPECT_EQ(job_query(one).client_ids, std::vector{Tsid{78}});
    one.client_id = Tsid{77};
    EXPECT_EQ(job_query(one).client_ids, std::vector{Tsid{77}});
    EXPECT_EQ(event_query(one).client_ids, std::vector{Tsid{77}});
    EXPECT_FALSE(job_query(BulkOperation{}).client_ids) << "the platform's means all";
}

TEST(BulkOperation, TheUsualStatusIsThatOfItsKind) {
    BulkOperation one;
    EXPECT_EQ(job_query(one).statuses, std::vector{JobStatus::error});
    one.kind = BulkKind::cancel;
    EXPECT_EQ(job_query(one).statuses, std::vector{JobStatus::pending});
    one.filter.statuses = {JobStatus::error};
    EXPECT_EQ(job_query(one).statuses, std::vector{JobStatus::error});
}

TEST(BulkOperation, AFilterTakesSingularsAndNothingThatItDoesNotKnow) {
    const auto read = codec::from_json<BulkFilter>(
        R"({"subscriptionId":"0000000000009","status":"error","type":["a","b"],"dispatchPoolId":"slow"})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->subscription_ids, std::vector{*Tsid::parse("0000000000009")});
    EXPECT_EQ(read->statuses, std::vector{JobStatus::error});
    EXPECT_EQ(read->types, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(read->dispatch_pool_ids, std::vector<std::string>{"slow"});
    const auto refused = codec::from_json<BulkFilter>(R"({"subscriptionsIds":["0000000000009"]})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields[0].pointer, "/subscriptionsIds");
}

struct MayHaveJob : testing::Test {
    MayHaveJob() {
        subscription.id = Id<Subscription>{Tsid{5}};
        subscription.created_at = now;
        event.created_at = now + seconds{1};
    }
    void add_job(Tsid owner, JobOrigin origin = JobOrigin::match, Tsid operation = {}) {
        store::JobRecord job;
        job.owner = owner;
        job.origin = origin;
        job.operation = operation;
        jobs.push_back(job);
        if (origin == JobOrigin::match || origin == JobOrigin::replay) ++event.job_count;
    }
    bool asked(Tsid operation = {}) const { return may_have_job(subscription, event, jobs, operation); }

    Subscription subscription;
    store::EventRecord event;
    std::vector<store::JobRecord> jobs;
};

TEST_F(MayHaveJob, OnlyJobsOfItsOwnCount) {
    EXPECT_FALSE(asked());
    add_job(Tsid{6});
    add_job(Tsid{5}, JobOrigin::api);
    EXPECT_FALSE(asked()) << "what an application sent is no delivery of the event";
    add_job(Tsid{5});
    EXPECT_TRUE(asked());
}

TEST_F(MayHaveJob, WhatTheOperationItselfMadeBeforeACrashDoesNotStopIt) {
    add_job(Tsid{5}, JobOrigin::replay, Tsid{9});
    EXPECT_FALSE(asked(Tsid{9}));
    EXPECT_TRUE(asked(Tsid{10}));
    EXPECT_TRUE(asked()) << "a dry run has made none";
}

TEST_F(MayHaveJob, APurgedJobMayHaveBeenItsOwnUnlessTheEventIsOlder) {
    event.job_count = 1;
    EXPECT_TRUE(asked()) << "rather left out than sent twice";
    event.created_at = now - seconds{1};
    EXPECT_FALSE(asked());
}

}  // namespace
}  // namespace fc::messaging
