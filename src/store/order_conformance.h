#pragma once

#include "store/store_fixture.h"

#include <algorithm>

/// The part of store_conformance.h about groups, outcomes and operators (design 3.1, 3.2).
namespace fc::store {

class OrderConformance : public StoreConformance {
protected:
    /// Ends heads with success until nothing of the group is left; the order in which they were heads.
    Ids play(Tsid any_of_group) {
        Ids order;
        for (auto next = head(any_of_group); next; next = head(any_of_group)) {
            if (std::find(order.begin(), order.end(), *next) != order.end()) break;
            order.push_back(*next);
            settle(*next, Kind::completed);
        }
        return order;
    }
    Ids ready_ids() { return ids_of(due().jobs); }
};

TEST_P(OrderConformance, OnlyTheHeadOfAGroupIsReady) {
    const auto g = add_group("g", 3);
    const auto h = add_group("h", 2);
    EXPECT_EQ(take_told(), (Ids{g[0], h[0]}));
    EXPECT_EQ(ready_ids(), (Ids{g[0], h[0]}));
    EXPECT_EQ(head(g[2]), g[0]);
    EXPECT_EQ(head(h[1]), h[0]);
    EXPECT_LT(get(g[0]).position, get(g[1]).position);
    EXPECT_LT(get(g[1]).position, get(g[2]).position);
}

TEST_P(OrderConformance, SameGroupNameOfAnotherOwnerIsAnotherGroup) {
    add_group("g", 1);
    auto other = job("g");
    other.owner = Tsid{8};
    add(other);
    EXPECT_EQ(take_told().size(), 2u);
}

TEST_P(OrderConformance, JobsOfOneBatchKeepTheirOrder) {
    std::vector<NewEvent> events;
    Ids ids;
    for (int n = 0; n < 4; ++n) {
        events.push_back(event({job("g")}));
        ids.push_back(events.back().jobs[0].id);
    }
    append(std::move(events));
    EXPECT_EQ(take_told(), Ids{ids[0]});
    EXPECT_EQ(play(ids[0]), ids);
}

TEST_P(OrderConformance, ImmediateAndUngroupedJobsAreReadyAtOnce) {
    const auto immediate = add_group("g", 2, DispatchMode::immediate);
    const auto ungrouped = add_group("", 2, DispatchMode::block_on_error);
    EXPECT_EQ(take_told(), (Ids{immediate[0], immediate[1], ungrouped[0], ungrouped[1]}));
    EXPECT_FALSE(head(immediate[0]));
    settle(ungrouped[0], Kind::error);
    EXPECT_TRUE(take_told().empty());
    EXPECT_EQ(get(ungrouped[0]).status, JobStatus::error);
    EXPECT_FALSE(get(ungrouped[0]).in_line);
}

TEST_P(OrderConformance, CompletedHeadTellsTheNextOnce) {
    const auto g = add_group("g", 3);
    take_told();
    clock.advance(Millis{500});
    settle(g[0], Kind::completed);
    EXPECT_EQ(take_told(), Ids{g[1]});
    const auto first = get(g[0]);
    EXPECT_EQ(first.status, JobStatus::completed);
    EXPECT_EQ(first.completed_at, clock.now());
    EXPECT_EQ(first.attempts, 1);
    EXPECT_FALSE(first.ready);
    EXPECT_EQ(get(g[1]).ready_at, clock.now()) << "its age runs from here";
    EXPECT_FALSE(get(g[2]).ready);
}

TEST_P(OrderConformance, ErrorOpensTheNextUnlessTheModeBlocks) {
    const auto next = add_group("next", 2, DispatchMode::next_on_error);
    const auto block = add_group("block", 2, DispatchMode::block_on_error);
    take_told();
    settle(next[0], Kind::error);
    EXPECT_EQ(take_told(), Ids{next[1]});
    settle(block[0], Kind::error);
    EXPECT_TRUE(take_told().empty());
    EXPECT_FALSE(head(block[1]));
    const auto late = add(job("block", DispatchMode::block_on_error));
    EXPECT_TRUE(take_told().empty()) << "a blocked group blocks new jobs too";
    EXPECT_FALSE(get(late).ready);
    reopen();
    EXPECT_EQ(ready_ids(), Ids{next[1]}) << "also after a restart";
}

TEST_P(OrderConformance, WaitKeepsTheHead) {
    const auto g = add_group("g", 2);
    take_told();
    auto wait = settlement(g[0], Kind::wait);
    wait.next_attempt_at = clock.now() + Millis{1'000};
    wait.last_error = "503";
    settle(wait);
    EXPECT_TRUE(take_told().empty());
    EXPECT_EQ(head(g[1]), g[0]);
    const auto stored = get(g[0]);
    EXPECT_EQ(stored.status, JobStatus::pending);
    EXPECT_EQ(stored.next_attempt_at, clock.now() + Millis{1'000});
    EXPECT_EQ(stored.last_error, "503");
    EXPECT_EQ(stored.attempts, 1);
    EXPECT_TRUE(ready_ids().empty());
    clock.advance(Millis{1'000});
    EXPECT_EQ(ready_ids(), Ids{g[0]});
}

TEST_P(OrderConformance, AttemptsAreKeptInOrderAndNotYetCostsNone) {
    const auto id = add(job());
    const auto attempt = [&](const char* text, bool counts) {
        auto made = settlement(id, Kind::wait);
        made.attempt = text;
        made.counts = counts;
        settle(made);
    };
    attempt("1", true);
    attempt("not yet", false);
    attempt("2", true);
    auto expiry = settlement(id, Kind::error);
    expiry.attempt = "";
    expiry.counts = false;
    settle(expiry);
    EXPECT_EQ(run(messages().attempts(id)), (std::vector<std::string>{"1", "not yet", "2"}));
    EXPECT_EQ(get(id).attempts, 2);
}

TEST_P(OrderConformance, OutcomeOfAnEndedJobOnlyKeepsItsAttempt) {
    const auto g = add_group("g", 2);
    const auto flying = settlement(g[0], Kind::completed);
    ASSERT_TRUE(cancel(g[0]));
    take_told();
    settle(flying);
    EXPECT_TRUE(take_told().empty()) << "the next was opened by the cancel";
    EXPECT_EQ(get(g[0]).status, JobStatus::cancelled);
    EXPECT_EQ(run(messages().attempts(g[0])).size(), 1u);
}

TEST_P(OrderConformance, CancelOfTheHeadOpensTheNextInBothModes) {
    for (const auto mode : {DispatchMode::next_on_error, DispatchMode::block_on_error}) {
        const auto g = add_group(mode == DispatchMode::next_on_error ? "n" : "b", 3, mode);
        take_told();
        const auto cancelled = cancel(g[0]).value();
        EXPECT_EQ(cancelled.status, JobStatus::cancelled);
        EXPECT_EQ(cancelled.last_error, "not wanted");
        EXPECT_EQ(cancelled.completed_at, clock.now());
        EXPECT_EQ(take_told(), Ids{g[1]});
        ASSERT_TRUE(cancel(g[2]));
        EXPECT_TRUE(take_told().empty()) << "one that waits opens nothing";
        EXPECT_EQ(play(g[1]), Ids{g[1]});
    }
}

TEST_P(OrderConformance, CancelOfTheBlockingErrorSkipsIt) {
    const auto g = add_group("g", 2, DispatchMode::block_on_error);
    settle(g[0], Kind::error);
    take_told();
    ASSERT_TRUE(cancel(g[0]));
    EXPECT_EQ(take_told(), Ids{g[1]});
    EXPECT_EQ(get(g[0]).status, JobStatus::cancelled);
}

TEST_P(OrderConformance, CancelOfAnEndedJobIsRefused) {
    const auto g = add_group("g", 2);
    settle(g[0], Kind::error);
    EXPECT_EQ(cancel(g[0]).error().code, "JOB_ALREADY_ENDED");
    EXPECT_EQ(cancel(Tsid{1}).error().code, "JOB_NOT_FOUND");
    EXPECT_EQ(retry(Tsid{1}).error().code, "JOB_NOT_FOUND");
}

TEST_P(OrderConformance, RetryOfTheBlockingErrorDeliversItFirst) {
    const auto g = add_group("g", 3, DispatchMode::block_on_error);
    settle(g[0], Kind::error);
    take_told();
    const auto retried = retry(g[0]).value();
    EXPECT_EQ(retried.status, JobStatus::pending);
    EXPECT_EQ(retried.round_start, 1);
    EXPECT_FALSE(retried.completed_at);
    EXPECT_TRUE(retried.ready);
    EXPECT_EQ(take_told(), Ids{g[0]});
    EXPECT_EQ(play(g[0]), g);
}

TEST_P(OrderConformance, RetryOfAWaitingHeadMakesItDue) {
    const auto id = add(job("g"));
    auto wait = settlement(id, Kind::wait);
    wait.next_attempt_at = clock.now() + Millis{60'000};
    settle(wait);
    take_told();
    ASSERT_TRUE(retry(id));
    EXPECT_EQ(take_told(), Ids{id});
    EXPECT_EQ(ready_ids(), Ids{id});
    EXPECT_EQ(get(id).attempts, 1);
}

TEST_P(OrderConformance, RetryOfAJobBehindTheHeadChangesNothing) {
    const auto g = add_group("g", 2);
    take_told();
    EXPECT_FALSE(retry(g[1]).value().ready);
    EXPECT_TRUE(take_told().empty());
    EXPECT_EQ(head(g[1]), g[0]);
}

TEST_P(OrderConformance, RetriedDeadJobGoesBeforeTheHeadThatWasTakenBack) {
    const auto g = add_group("g", 3);
    settle(g[0], Kind::error);
    take_told();
    ASSERT_EQ(head(g[0]), g[1]);
    EXPECT_TRUE(retry(g[0], g[1]).value().ready);
    EXPECT_EQ(take_told(), Ids{g[0]});
    EXPECT_EQ(ready_ids(), Ids{g[0]});
    EXPECT_EQ(play(g[0]), g);
}

TEST_P(OrderConformance, RetriedDeadJobWaitsForTheHeadInFlight) {
    const auto g = add_group("g", 3);
    settle(g[0], Kind::error);
    take_told();
    EXPECT_FALSE(retry(g[0]).value().ready);
    EXPECT_TRUE(take_told().empty());
    EXPECT_EQ(head(g[0]), g[1]) << "the head is the one that may be in flight";
    settle(g[1], Kind::completed);
    EXPECT_EQ(take_told(), Ids{g[0]});
    EXPECT_EQ(play(g[0]), (Ids{g[0], g[2]}));
}

TEST_P(OrderConformance, SeveralRetriesBehindOneHeadInFlightStayInOrder) {
    const auto g = add_group("g", 5);
    for (std::size_t n = 0; n < 3; ++n) settle(g[n], Kind::error);
    ASSERT_EQ(head(g[4]), g[3]);
    take_told();
    for (const std::size_t n : {2U, 0U, 1U}) EXPECT_FALSE(retry(g[n]).value().ready);
    EXPECT_TRUE(take_told().empty()) << "never two heads";
    EXPECT_EQ(head(g[4]), g[3]);
    settle(g[3], Kind::completed);
    EXPECT_EQ(play(g[0]), (Ids{g[0], g[1], g[2], g[4]}));
}

TEST_P(OrderConformance, RetryDoesNotOvertakeAnEarlierOneThatWaits) {
    const auto g = add_group("g", 4);
    settle(g[0], Kind::error);
    settle(g[1], Kind::error);
    retry(g[0]).value();
    take_told();
    EXPECT_FALSE(retry(g[1], g[2]).value().ready) << "the head that was taken back makes room for the first";
    EXPECT_EQ(take_told(), Ids{g[0]});
    EXPECT_EQ(play(g[0]), g);
}

TEST_P(OrderConformance, RetriedCancelledJobBehindTheHeadKeepsItsPlace) {
    const auto g = add_group("g", 3, DispatchMode::block_on_error);
    ASSERT_TRUE(cancel(g[1]));
    take_told();
    EXPECT_FALSE(retry(g[1], g[0]).value().ready);
    EXPECT_EQ(head(g[0]), g[0]);
    EXPECT_EQ(play(g[0]), g);
}

TEST_P(OrderConformance, CancelBehindAHeadInFlightOpensNothingBeforeIt) {
    const auto g = add_group("g", 4);
    settle(g[0], Kind::error);
    retry(g[0]).value();
    take_told();
    ASSERT_TRUE(cancel(g[3]));
    EXPECT_TRUE(take_told().empty()) << "the head is still in flight";
    EXPECT_EQ(ready_ids(), Ids{g[1]});
}

TEST_P(OrderConformance, ErrorThatBlocksHoldsBackOnlyThoseBehindIt) {
    const auto g = add_group("g", 4, DispatchMode::block_on_error);
    ASSERT_TRUE(cancel(g[0]));
    retry(g[0]).value();  // stands before the head in flight now
    take_told();
    settle(g[1], Kind::error);
    EXPECT_EQ(take_told(), Ids{g[0]});
    settle(g[0], Kind::completed);
    EXPECT_TRUE(take_told().empty());
    ASSERT_TRUE(retry(g[1]));
    EXPECT_EQ(play(g[1]), (Ids{g[1], g[2], g[3]}));
}

TEST_P(OrderConformance, RetryBehindAnErrorThatBlocksWaits) {
    const auto g = add_group("g", 3, DispatchMode::block_on_error);
    ASSERT_TRUE(cancel(g[1]));
    settle(g[0], Kind::error);
    take_told();
    EXPECT_FALSE(retry(g[1]).value().ready);
    EXPECT_TRUE(take_told().empty());
    ASSERT_TRUE(cancel(g[0]));
    EXPECT_EQ(play(g[1]), (Ids{g[1], g[2]}));
}

TEST_P(OrderConformance, CancelOfAnOwnerTakesItsOpenJobsInParts) {
    const auto g = add_group("g", 3);
    const auto single = add(job());
    auto other = job();
    other.owner = Tsid{8};
    add(other);
    settle(g[0], Kind::completed);
    take_told();
    std::size_t cancelled = 0;
    for (int round = 0; round < 10; ++round) {
        const auto some = run(messages().cancel_of_owner(owner, "gone", 2));
        EXPECT_LE(some, 2u);
        if (some == 0) break;
        cancelled += some;
    }
    EXPECT_EQ(cancelled, 3u);
    EXPECT_EQ(get(g[0]).status, JobStatus::completed);
    EXPECT_EQ(get(single).last_error, "gone");
    EXPECT_EQ(run(messages().lanes()), (std::vector<LaneKey>{{Tsid{8}, {}}}));
    EXPECT_TRUE(take_told().empty()) << "those behind go first, so that none becomes a head on the way";
}

TEST_P(OrderConformance, TalliesFollowEveryChangeOfState) {
    const auto g = add_group("g", 6, DispatchMode::block_on_error);
    settle(g[0], Kind::completed);
    settle(g[1], Kind::error);
    ASSERT_TRUE(retry(g[1]));
    EXPECT_TRUE(differences().empty());
    settle(g[1], Kind::error);
    ASSERT_TRUE(cancel(g[1]));
    EXPECT_TRUE(differences().empty());
    ASSERT_TRUE(cancel(g[5]));
    ASSERT_TRUE(retry(g[5]));
    ASSERT_TRUE(retry(g[0], g[2]));
    EXPECT_TRUE(differences().empty());
    run(messages().cancel_of_owner(owner, "gone", 100));
    run(messages().cancel_of_owner(owner, "gone", 100));
    EXPECT_EQ(run(messages().verify()).open, 0);
    EXPECT_TRUE(differences().empty());
}

}  // namespace fc::store
