#include "messaging/explain/job_cause.h"

#include <gtest/gtest.h>

#include <functional>

namespace fc::messaging {
namespace {

using store::JobStatus;
using Cause = LiveJob::Cause;
using Place = LiveJob::Place;

const TimePoint now = from_unix_millis(1'800'000'000'000);
const TimePoint later = now + Millis{90'000};

struct JobCauseTest : ::testing::Test {
    JobCauseTest() {
        subscription.code = Code::parse("orders").value();
        pool.code = Code::parse("slow").value();
        facts.job.id = Tsid{5};
        facts.job.ready = true;
        facts.job.next_attempt_at = now - Millis{1'000};
        facts.now = now;
    }
    JobCause cause() {
        facts.subscription = std::make_shared<const Subscription>(subscription);
        facts.pool = std::make_shared<const DispatchPool>(pool);
        return cause_of(facts);
    }
    void expect(CauseCode code, std::string_view text) {
        const auto found = cause();
        EXPECT_EQ(found.code, code);
        EXPECT_NE(found.text.find(text), std::string::npos) << found.text;
    }
    void end(JobStatus status, std::string error, std::int64_t attempts = 1) {
        facts.job.status = status;
        facts.job.completed_at = now;
        facts.job.last_error = std::move(error);
        facts.job.attempts = attempts;
    }
    void queue(Cause cause, std::optional<TimePoint> until = {}) {
        facts.live = {.place = Place::queued, .cause = cause, .since = {}, .until = until};
    }

    Subscription subscription;
    DispatchPool pool;
    JobFacts facts;
};

TEST_F(JobCauseTest, EndsAreSaidInWords) {
    end(JobStatus::completed, "", 3);
    expect(CauseCode::delivered, "was delivered at 2027-01-15T08:00:00.000Z, at attempt 3");
    end(JobStatus::cancelled, "cancelled by tester: no longer needed");
    expect(CauseCode::cancelled, "was cancelled by tester: no longer needed");
    end(JobStatus::cancelled, "the subscription was deleted");
    expect(CauseCode::cancelled, "was cancelled: the subscription was deleted");
    end(JobStatus::error, "HTTP 404");
    expect(
        CauseCode::rejected,
        "failed after 1 attempt and is not retried, because the target answered HTTP 404");
    end(JobStatus::error, "the delivery cannot be signed: no secret", 0);
    expect(CauseCode::failed, "failed after 0 attempts: the delivery cannot be signed: no secret");
}

TEST_F(JobCauseTest, ExpiryNamesTheLastAnswer) {
    end(JobStatus::error, "expired", 0);
    expect(CauseCode::expired, "expired after 0 attempts: its maxAgeSeconds or expiresAt was over");
    end(JobStatus::error, "expired; HTTP 503", 2);
    expect(CauseCode::expired, "; the last: HTTP 503");
}

TEST_F(JobCauseTest, UsedUpRetriesAreThoseSinceTheLastRetryByAnOperator) {
    subscription.max_retries = Bounded<1, 1'000>{3};
    end(JobStatus::error, "HTTP 503", 3);
    expect(
        CauseCode::retries_used, "failed after 3 attempts, all that maxRetries allows; the last: HTTP 503");
    facts.job.round_start = 2;
    expect(CauseCode::failed, "failed after 3 attempts: HTTP 503");
    end(JobStatus::error, "HTTP 429", 6);
    expect(CauseCode::retries_used, "the last: HTTP 429");
}

TEST_F(JobCauseTest, AJobOfItsOwnCountsItsOwnRetries) {
    subscription.max_retries = Bounded<1, 1'000>{9};
    facts.job.spec = R"({"maxRetries":1})";
    end(JobStatus::error, "HTTP 500");
    EXPECT_EQ(cause().code, CauseCode::retries_used);
}

TEST_F(JobCauseTest, AnErrorThatBlocksSaysSo) {
    end(JobStatus::error, "HTTP 404");
    facts.job.in_line = true;
    facts.job.message_group = "g";
    expect(CauseCode::rejected, R"(it holds back its message group "g" until it is retried or cancelled)");
}

TEST_F(JobCauseTest, WhatIsSentIsInFlightWhateverElseHolds) {
    subscription.status = SubscriptionStatus::paused;
    facts.live = {.place = Place::in_flight, .since = now};
    expect(CauseCode::in_flight, "is being delivered since 2027-01-15T08:00:00.000Z");
    EXPECT_EQ(cause().since, now);
}

TEST_F(JobCauseTest, APausedSubscriptionSaysWhySinceWhen) {
    ASSERT_TRUE(pause(subscription, now, "the target answered 410 Gone"));
    expect(CauseCode::subscription_paused, "2027-01-15T08:00:00.000Z: the target answered 410 Gone");
    EXPECT_EQ(cause().since, now);
}

TEST_F(JobCauseTest, ASuspendedPoolIsNamed) {
    ASSERT_TRUE(suspend(pool, now));
    expect(CauseCode::pool_suspended, R"(its dispatch pool "slow", which is suspended since 2027-01-15T08)");
}

TEST_F(JobCauseTest, WithoutItsSubscriptionItCannotBeDelivered) {
    EXPECT_EQ(cause_of(facts).code, CauseCode::subscription_deleted);
}

TEST_F(JobCauseTest, BehindAHeadNamesItAndWhatThatWaitsFor) {
    facts.job.ready = false;
    facts.job.message_group = "g";
    auto head = facts.job;
    head.id = Tsid{4};
    head.ready = true;
    head.attempts = 2;
    head.last_error = "HTTP 503";
    head.next_attempt_at = later;
    facts.leader = head;
    expect(
        CauseCode::behind_head,
        "waits behind job " + Tsid{4}.to_string() +
            R"( of its message group "g", which waits until 2027-01-15T08:01:30.000Z for attempt 3)");
    EXPECT_EQ(cause().job_id, Tsid{4});
    EXPECT_EQ(cause().until, later);
}

TEST_F(JobCauseTest, BehindAnErrorItIsBlocked) {
    facts.job.ready = false;
    facts.job.message_group = "g";
    auto dead = facts.job;
    dead.id = Tsid{4};
    dead.status = JobStatus::error;
    dead.in_line = true;
    dead.last_error = "HTTP 400";
    facts.leader = dead;
    expect(CauseCode::blocked_by_error, "until it is retried or cancelled");
    facts.leader.reset();
    expect(CauseCode::behind_head, R"(waits for an earlier job of its message group "g")");
}

TEST_F(JobCauseTest, BeforeItsTimeItIsDelayedOrRetried) {
    facts.job.next_attempt_at = later;
    expect(CauseCode::delayed, "2027-01-15T08:01:30.000Z");
    EXPECT_EQ(cause().until, later);
    facts.job.last_error = "the target answered: not yet";
    expect(CauseCode::retry, "for attempt 1, after: the target answered: not yet");
    facts.job.attempts = 4;
    facts.job.last_error = "connection refused";
    expect(CauseCode::retry, "waits until 2027-01-15T08:01:30.000Z for attempt 5, after: connection refused");
}

TEST_F(JobCauseTest, WithTheRouterItSaysWhatThatSays) {
    queue(Cause::breaker, later);
    expect(CauseCode::breaker_open, "circuit breaker of its target is open");
    EXPECT_EQ(cause().until, later);
    queue(Cause::subscription_concurrency);
    expect(CauseCode::subscription_concurrency, "as many jobs of its subscription run");
    queue(Cause::subscription_rate, later);
    expect(CauseCode::subscription_rate, "the rate of its subscription, which lets the next one go at 2027");
    queue(Cause::pool_concurrency);
    expect(CauseCode::pool_concurrency, R"(as many jobs of its dispatch pool "slow" run)");
    queue(Cause::pool_rate, later);
    expect(CauseCode::pool_rate, R"(the rate of its dispatch pool "slow", which)");
    queue(Cause::queue);
    expect(CauseCode::queue, "on the queue");
    queue(Cause::line);
    expect(CauseCode::line, "its turn");
}

TEST_F(JobCauseTest, DueButNotInMemoryItFollowsThoseBeforeIt) {
    expect(CauseCode::backlog, "is due");
}

}  // namespace
}  // namespace fc::messaging
