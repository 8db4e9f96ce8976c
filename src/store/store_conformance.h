#pragma once

#include "store/document_conformance.h"
#include "store/order_conformance.h"
#include "store/retention_conformance.h"
#include "store/search_conformance.h"

/// The contract of the port, run on every backend. A backend's test includes this once and says
/// `INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance, testing::Values(...))`. Here: what is stored and
/// read; groups and operators are in order_conformance.h, entities in document_conformance.h,
/// retention in retention_conformance.h.
namespace fc::store {

TEST_P(StoreConformance, AppendKeepsEveryFieldOfAnEvent) {
    auto made = event();
    auto& record = made.event;
    record.client_id = Tsid{5};
    record.source = "shop";
    record.subject = "order/1";
    record.spec_version = "2.0";
    record.time = clock.now() - Millis{1};
    record.data = std::string("a\0\"ü", 5);
    record.data_kind = DataKind::text;
    record.correlation_id = "correlation";
    record.causation_id = "causation";
    record.deduplication_id = "once";
    record.message_group = "group";
    record.context_data.text = "[1]";
    const auto answers = append(made);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].id, record.id);
    EXPECT_FALSE(answers[0].duplicate);
    reopen();
    const auto stored = run(messages().find_event(record.id)).value();
    EXPECT_EQ(stored.client_id, record.client_id);
    EXPECT_EQ(stored.type, record.type);
    EXPECT_EQ(stored.source, "shop");
    EXPECT_EQ(stored.subject, "order/1");
    EXPECT_EQ(stored.spec_version, "2.0");
    EXPECT_EQ(stored.time, record.time);
    EXPECT_EQ(stored.data, record.data) << "the exact bytes";
    EXPECT_EQ(stored.data_kind, DataKind::text);
    EXPECT_EQ(stored.correlation_id, "correlation");
    EXPECT_EQ(stored.causation_id, "causation");
    EXPECT_EQ(stored.deduplication_id, "once");
    EXPECT_EQ(stored.message_group, "group");
    EXPECT_EQ(stored.context_data.text, "[1]");
    EXPECT_EQ(stored.created_at, record.created_at);
    EXPECT_EQ(stored.job_count, 0);
}

TEST_P(StoreConformance, AppendKeepsEveryFieldOfAJob) {
    auto made = job("group", DispatchMode::block_on_error);
    made.pool_id = Tsid{11};
    made.counted_pool = Tsid{12};
    made.client_id = Tsid{13};
    made.idempotency_key = "key";
    made.spec = R"({"targetUrl":"https://example.com"})";
    made.operation = Tsid{14};
    made.next_attempt_at = clock.now() + Millis{5'000};
    add(made);
    reopen();
    const auto stored = get(made.id);
    EXPECT_EQ(stored.owner, owner);
    EXPECT_EQ(stored.pool_id, Tsid{11});
    EXPECT_EQ(stored.counted_pool, Tsid{12});
    EXPECT_EQ(stored.client_id, Tsid{13});
    EXPECT_EQ(stored.message_group, "group");
    EXPECT_EQ(stored.mode, DispatchMode::block_on_error);
    EXPECT_EQ(stored.idempotency_key, "key");
    EXPECT_EQ(stored.spec, made.spec);
    EXPECT_EQ(stored.status, JobStatus::pending);
    EXPECT_TRUE(stored.ready);
    EXPECT_EQ(stored.next_attempt_at, made.next_attempt_at);
    EXPECT_EQ(stored.created_at, clock.now());
    EXPECT_EQ(stored.attempts, 0);
    EXPECT_FALSE(stored.completed_at);
    EXPECT_EQ(stored.last_error, "");
    EXPECT_EQ(stored.origin, JobOrigin::api);
    EXPECT_EQ(stored.operation, Tsid{14});
    EXPECT_EQ(stored.resent_by, "");
}

TEST_P(StoreConformance, ReplayCountsAmongTheJobsOfItsEvent) {
    const auto published = event();
    append(published);
    auto again = job();
    again.origin = JobOrigin::replay;
    again.event_id = published.event.id;
    again.spec = "";
    add(again);
    EXPECT_EQ(run(messages().find_event(published.event.id))->job_count, 1);
    EXPECT_TRUE(run(messages().verify()).differences.empty());
}

TEST_P(StoreConformance, DuplicatesOfAnEventAreCounted) {
    auto published = event();
    published.event.deduplication_id = "once";
    append(published);
    append(published);
    append(published);
    EXPECT_EQ(run(messages().find_event(published.event.id))->duplicates, 2);
}

TEST_P(StoreConformance, BatchAnswersEachEventInOrder) {
    std::vector<NewEvent> events;
    Ids jobs;
    for (int n = 0; n < 5; ++n) {
        events.push_back(event({job()}));
        jobs.push_back(events.back().jobs[0].id);
    }
    const auto answers = append(events);
    ASSERT_EQ(answers.size(), events.size());
    for (std::size_t at = 0; at < events.size(); ++at) EXPECT_EQ(answers[at].id, events[at].event.id);
    EXPECT_EQ(take_told(), jobs);
}

TEST_P(StoreConformance, ReadyJobIsToldWithItsEvent) {
    append(event({job()}));
    ASSERT_EQ(told.size(), 1u);
    ASSERT_TRUE(told[0].event);
    EXPECT_EQ(told[0].event->data, "{\"n\":1}");
    add(job());
    ASSERT_EQ(told.size(), 2u);
    EXPECT_FALSE(told[1].event);
}

TEST_P(StoreConformance, FindOfWhatIsNotThereIsEmpty) {
    EXPECT_FALSE(run(messages().find_event(Tsid{1})));
    EXPECT_FALSE(run(messages().find_job(Tsid{1})));
    EXPECT_TRUE(run(messages().attempts(Tsid{1})).empty());
    EXPECT_FALSE(head(Tsid{1}));
}

TEST_P(StoreConformance, DuplicateEventAnswersTheStoredOneAndMakesNoJobs) {
    auto first = event({job()});
    first.event.deduplication_id = "once";
    append(first);
    for (const bool restarted : {false, true}) {
        if (restarted) reopen();
        take_told();
        auto again = event({job()});
        again.event.deduplication_id = "once";
        const auto answers = append(again);
        EXPECT_EQ(answers.at(0).id, first.event.id);
        EXPECT_TRUE(answers.at(0).duplicate);
        EXPECT_TRUE(take_told().empty());
        EXPECT_FALSE(run(messages().find_event(again.event.id)));
        EXPECT_FALSE(run(messages().find_job(again.jobs[0].id)));
    }
}

TEST_P(StoreConformance, DuplicateInsideABatchIsOnlyItsOwnItem) {
    std::vector<NewEvent> events{event({job()}), event({job()}), event({job()})};
    events[0].event.deduplication_id = "once";
    events[1].event.deduplication_id = "once";
    const auto answers = append(events);
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_FALSE(answers[0].duplicate);
    EXPECT_TRUE(answers[1].duplicate);
    EXPECT_EQ(answers[1].id, events[0].event.id);
    EXPECT_FALSE(answers[2].duplicate);
    EXPECT_EQ(take_told(), (Ids{events[0].jobs[0].id, events[2].jobs[0].id}));
}

TEST_P(StoreConformance, DeduplicationIdIsUniqueWithinAClientAndWithoutOne) {
    for (const Tsid client : {Tsid{}, Tsid{1}, Tsid{2}}) {
        auto made = event();
        made.event.client_id = client;
        made.event.deduplication_id = "once";
        EXPECT_FALSE(append(made).at(0).duplicate) << "client " << client.value;
        made.event.id = next_id();
        EXPECT_TRUE(append(made).at(0).duplicate) << "client " << client.value;
    }
    EXPECT_FALSE(append(event()).at(0).duplicate) << "no deduplication id is no duplicate";
    EXPECT_FALSE(append(event()).at(0).duplicate);
}

TEST_P(StoreConformance, IdempotencyKeyIsUniqueWithinAClientAndWithoutOne) {
    for (const Tsid client : {Tsid{}, Tsid{1}}) {
        auto made = job("group");
        made.client_id = client;
        made.idempotency_key = "once";
        add(made);
        auto again = made;
        again.id = next_id();
        const auto answers = run(messages().add_jobs({again}));
        EXPECT_TRUE(answers.at(0).duplicate) << "client " << client.value;
        EXPECT_EQ(answers.at(0).id, made.id);
        EXPECT_FALSE(run(messages().find_job(again.id)));
    }
}

TEST_P(StoreConformance, WriteThatCannotBeStoredFailsAloneAndLeavesNothing) {
    const auto taken = event();
    append(taken);
    const auto before = event({job("g")});
    auto broken = event({job("g")});
    auto twin = event({job("g")});
    twin.event.id = taken.event.id;
    const auto after = event({job("g")});
    int stored = 0;
    int failed = 0;
    const auto submit = [&](std::vector<NewEvent> events) {
        const auto count = [&](const std::exception_ptr& failure, const std::vector<Appended>&) {
            ++(failure ? failed : stored);
        };
        boost::asio::co_spawn(io, messages().append(std::move(events)), count);
    };
    submit({before});
    submit({broken, twin});
    submit({after});
    io.restart();
    io.run();
    EXPECT_EQ(stored, 2);
    EXPECT_EQ(failed, 1);
    EXPECT_FALSE(run(messages().find_event(broken.event.id)));
    EXPECT_EQ(take_told(), Ids{before.jobs[0].id});
    settle(before.jobs[0].id, Kind::completed);
    EXPECT_EQ(take_told(), Ids{after.jobs[0].id}) << "the job of the failed write is in no line";
}

TEST_P(StoreConformance, JobsAreDueInOrderAfterTheCursorUpToTheLimit) {
    Ids ids;
    for (int n = 0; n < 7; ++n) {
        ids.push_back(add(job()));
        if (n % 3 == 2) clock.advance(Millis{1});
    }
    const auto all = due();
    EXPECT_EQ(ids_of(all.jobs), ids);
    EXPECT_FALSE(all.more);
    DueCursor cursor;
    Ids seen;
    for (int page = 0; page < 3; ++page) {
        const auto part = due(cursor, 3);
        EXPECT_EQ(part.more, page < 2);
        for (const auto& ready : part.jobs) seen.push_back(ready.job.id);
        cursor = {to_unix_millis(part.jobs.back().job.next_attempt_at), part.jobs.back().job.id.value};
    }
    EXPECT_EQ(seen, ids);
    EXPECT_TRUE(due(cursor).jobs.empty());
}

TEST_P(StoreConformance, LaterWaitIsNotDueAndItsTimeIsTold) {
    const auto start = clock.now();
    auto late = job();
    late.next_attempt_at = start + Millis{5'000};
    auto later = job();
    later.next_attempt_at = start + Millis{9'000};
    add(later);
    add(late);
    const auto first = due();
    EXPECT_TRUE(first.jobs.empty());
    EXPECT_EQ(first.next_due, start + Millis{5'000});
    clock.advance(Millis{5'000});
    const auto second = due();
    EXPECT_EQ(ids_of(second.jobs), Ids{late.id});
    EXPECT_EQ(second.next_due, start + Millis{9'000});
    EXPECT_FALSE(due({}, 1).next_due) << "not known while more may be due";
}

TEST_P(StoreConformance, JobIsNeverDueBeforeTheMomentItWasStored) {
    // A reader whose cursor is already past that time would not see it.
    add(job());
    const auto seen = due();
    const DueCursor cursor{to_unix_millis(seen.jobs.at(0).job.next_attempt_at), seen.jobs[0].job.id.value};
    auto late = job();
    late.next_attempt_at = clock.now() - Millis{60'000};
    append(event({late}));
    EXPECT_EQ(ids_of(due(cursor).jobs), Ids{late.id});
    EXPECT_EQ(told.back().job.next_attempt_at, get(late.id).next_attempt_at);
}

TEST_P(StoreConformance, WhatIsReadAtOnceIsBoundedInBytes) {
    std::vector<NewEvent> events;
    for (int n = 0; n < 12; ++n) {
        events.push_back(event({job()}));
        events.back().event.data.assign(1U << 20U, 'x');
    }
    append(std::move(events));
    reopen();
    const auto part = due();
    EXPECT_TRUE(part.more);
    EXPECT_GE(part.jobs.size(), 7u);
    EXPECT_LE(part.jobs.size(), 9u);
    EXPECT_EQ(due({}, 3).jobs.size(), 3u);
}

TEST_P(StoreConformance, LanesAreThoseWithAReadyJob) {
    EXPECT_TRUE(run(messages().lanes()).empty());
    auto own_pool = job();
    own_pool.pool_id = Tsid{3};
    add(own_pool);
    const auto group = add_group("g", 3);
    auto other = job();
    other.owner = Tsid{2};
    add(other);
    EXPECT_EQ(run(messages().lanes()), (std::vector<LaneKey>{{Tsid{2}, {}}, {owner, {}}, {owner, Tsid{3}}}));
    EXPECT_EQ(ids_of(due({}, 10, {owner, Tsid{3}}).jobs), Ids{own_pool.id});
    settle(other.id, Kind::completed);
    EXPECT_EQ(run(messages().lanes()).size(), 2u);
}

TEST_P(StoreConformance, VerifyCountsEventsAndJobs) {
    append(event({job(), job()}));
    append(event());
    const auto done = add(job());
    settle(done, Kind::completed);
    const auto verification = run(messages().verify());
    EXPECT_EQ(verification.events, 2);
    EXPECT_EQ(verification.jobs, 3);
    EXPECT_EQ(verification.open, 2);
    EXPECT_TRUE(verification.differences.empty());
}

TEST_P(StoreConformance, ReopenedStoreTellsTheTimeOfItsLastEventJobOrAttempt) {
    append(event());
    reopen();
    EXPECT_EQ(store->latest(), clock.now());
    clock.advance(Millis{5});
    const auto id = add(job());
    reopen();
    EXPECT_EQ(store->latest(), clock.now());
    clock.advance(Millis{5});
    auto wait = settlement(id, Kind::wait);
    wait.attempt = R"({"attemptedAt":")" + to_rfc3339(clock.now()) + "\"}";
    settle(std::move(wait));
    reopen();
    EXPECT_EQ(store->latest(), clock.now());
}

TEST_P(StoreConformance, ReopenedStoreKeepsOrderAndPutsNewJobsBehind) {
    auto ids = add_group("g", 2);
    take_told();
    reopen();
    EXPECT_TRUE(take_told().empty()) << "recovery asks: nothing is told by itself";
    EXPECT_GE(store->id_floor(), ids.back().value);
    EXPECT_EQ(ids_of(due().jobs), Ids{ids[0]});
    last_id = 100;  // a process whose clock was set back
    ids.push_back(add(job("g")));
    EXPECT_GT(get(ids[2]).position, get(ids[1]).position);
    settle(ids[0], Kind::completed);
    settle(ids[1], Kind::completed);
    EXPECT_EQ(take_told(), (Ids{ids[1], ids[2]}));
}

}  // namespace fc::store
