#pragma once

#include "store/store_fixture.h"

#include <algorithm>

/// The part of store_conformance.h about the read side.
namespace fc::store {

class SearchConformance : public StoreConformance {
protected:
    Search& search() { return store->search(); }
    static Ids ids_of(const std::vector<EventRecord>& events) {
        Ids ids;
        for (const auto& each : events) ids.push_back(each.id);
        return ids;
    }
    static Ids ids_of(const std::vector<JobRow>& rows) {
        Ids ids;
        for (const auto& each : rows) ids.push_back(each.job.id);
        return ids;
    }
    /// What a query finds, newest first, at once and later; all of it and no more is counted.
    Ids found(EventQuery query) {
        return twice([&] { return ids_of_all(run(search().events(query, {}))); });
    }
    Ids found(JobQuery query) {
        return twice([&] { return ids_of_all(run(search().jobs(query, {}))); });
    }
    template <class Record>
    static Ids ids_of_all(const Found<Record>& found) {
        EXPECT_EQ(found.total, static_cast<std::int64_t>(found.rows.size()));
        EXPECT_TRUE(found.total_is_exact);
        EXPECT_FALSE(found.next);
        return ids_of(found.rows);
    }
    template <class Look>
    Ids twice(Look look) {
        const auto at_once = look();
        harness->settle();
        EXPECT_EQ(at_once, look()) << "it finds the same later";
        return at_once;
    }
    /// The ids of all events that a change of the empty query finds.
    template <class Change>
    Ids events_where(Change change) {
        EventQuery query;
        change(query);
        return found(std::move(query));
    }
    template <class Change>
    Ids jobs_where(Change change) {
        JobQuery query;
        change(query);
        return found(std::move(query));
    }
    template <class Change>
    Tsid append_event(Change change) {
        auto made = event();
        change(made.event);
        append(made);
        return made.event.id;
    }
    /// An event with one job, both changed; the job's id.
    template <class Change>
    Tsid append_job(Change change) {
        auto made = event({job()});
        change(made.event, made.jobs[0]);
        append(made);
        return made.jobs[0].id;
    }
};

TEST_P(SearchConformance, EventsAreFoundByEachFieldNewestFirst) {
    const auto a = append_event([](EventRecord& event) {
        event.client_id = Tsid{1};
        event.type = "shop:order:item.added";
        event.source = "urn:Shop/North";
        event.subject = "Order/17";
    });
    const auto b = append_event([](EventRecord& event) {
        event.client_id = Tsid{2};
        event.type = "shop.order.created";
        event.message_group = "g";
        event.correlation_id = "c";
        event.deduplication_id = "d";
    });
    const auto c = append_event([](EventRecord& event) { event.type = "bank"; });
    using Q = EventQuery;
    EXPECT_EQ(found(Q()), (Ids{c, b, a}));
    EXPECT_EQ(events_where([](Q& q) { q.client_ids = {Tsid{1}}; }), Ids{a});
    EXPECT_EQ(events_where([](Q& q) { q.client_ids = {Tsid{2}, Tsid{1}}; }), (Ids{b, a}));
    EXPECT_EQ(events_where([](Q& q) { q.client_ids = {Tsid{}}; }), Ids{c}) << "0 is the platform";
    EXPECT_EQ(events_where([](Q& q) { q.client_ids.emplace(); }), Ids()) << "no tenant is not all tenants";
    EXPECT_EQ(events_where([](Q& q) { q.types = {"bank", "shop.order.created"}; }), (Ids{c, b}));
    EXPECT_EQ(events_where([](Q& q) { q.applications = {"shop"}; }), (Ids{b, a}));
    EXPECT_EQ(events_where([](Q& q) { q.subdomains = {"order"}; }), (Ids{b, a}));
    EXPECT_EQ(events_where([](Q& q) { q.aggregates = {"item"}; }), Ids{a});
    EXPECT_EQ(events_where([](Q& q) { q.source = "shop/n"; }), Ids{a});
    EXPECT_EQ(events_where([](Q& q) { q.subject = "ORDER/1"; }), Ids{a});
    EXPECT_EQ(events_where([](Q& q) { q.message_group = "g"; }), Ids{b});
    EXPECT_EQ(events_where([](Q& q) { q.correlation_id = "c"; }), Ids{b});
    EXPECT_EQ(events_where([](Q& q) { q.deduplication_id = "d"; }), Ids{b});
    EXPECT_EQ(events_where([](Q& q) { q.text = "der/"; }), Ids{a});
    EXPECT_EQ(events_where([&](Q& q) { q.text = b.to_string(); }), Ids{b});
    const auto both = [](Q& q) {
        q.applications = {"shop"};
        q.client_ids = {Tsid{2}};
        q.source = "urn";
    };
    EXPECT_EQ(events_where(both), Ids()) << "every member must fit";
    EXPECT_EQ(run(search().events({}, {})).rows.at(0).data, "{\"n\":1}");
}

TEST_P(SearchConformance, EventsAreFoundByBothTimesInclusively) {
    const auto start = clock.now();
    Ids ids;
    for (int hour = 0; hour < 5; ++hour) {
        ids.push_back(append_event([&](EventRecord& event) { event.time = start + Millis{hour}; }));
        clock.advance(std::chrono::hours{1});
    }
    const auto created = [&](int from, int to) {
        return events_where([&](EventQuery& query) {
            query.created_after = start + std::chrono::hours{from};
            query.created_before = start + std::chrono::hours{to};
        });
    };
    EXPECT_EQ(created(1, 3), (Ids{ids[3], ids[2], ids[1]}));
    EXPECT_EQ(created(9, 10), Ids());
    EXPECT_EQ(
        events_where([&](EventQuery& query) {
            query.time_after = start + Millis{3};
            query.time_before = start + Millis{4};
        }),
        (Ids{ids[4], ids[3]}));
}

TEST_P(SearchConformance, JobsAreFoundByTheirOwnFields) {
    auto made = job("g");
    made.client_id = Tsid{1};
    made.operation = Tsid{30};
    const auto a = add(made);
    made = job("g");
    made.owner = Tsid{8};
    made.counted_pool = Tsid{20};
    const auto b = add(made);
    const auto c = add(job("h"));
    const auto d = add(job());
    settle(b, Kind::completed);
    settle(c, Kind::error);
    EXPECT_TRUE(cancel(d));
    using Q = JobQuery;
    EXPECT_EQ(found(Q()), (Ids{d, c, b, a}));
    EXPECT_EQ(jobs_where([](Q& q) { q.client_ids = {Tsid{1}}; }), Ids{a});
    EXPECT_EQ(jobs_where([](Q& q) { q.client_ids = {Tsid{}}; }), (Ids{d, c, b}));
    EXPECT_EQ(jobs_where([](Q& q) { q.owners = {Tsid{8}}; }), Ids{b});
    EXPECT_EQ(jobs_where([](Q& q) { q.owners = {Tsid{8}, owner}; }), (Ids{d, c, b, a}));
    EXPECT_EQ(jobs_where([](Q& q) { q.pools = {Tsid{20}}; }), Ids{b});
    EXPECT_EQ(jobs_where([](Q& q) { q.operation = Tsid{30}; }), Ids{a});
    EXPECT_EQ(jobs_where([](Q& q) { q.message_group = "g"; }), (Ids{b, a}));
    EXPECT_EQ(jobs_where([](Q& q) { q.never_attempted = true; }), (Ids{d, a}));
    EXPECT_EQ(jobs_where([&](Q& q) { q.text = c.to_string(); }), Ids{c});
    EXPECT_EQ(jobs_where([](Q& q) { q.kinds = {"EVENT"}; }), (Ids{d, c, b, a}));
    using S = JobStatus;
    EXPECT_EQ(jobs_where([](Q& q) { q.statuses = {S::pending}; }), Ids{a});
    EXPECT_EQ(jobs_where([](Q& q) { q.statuses = {S::queued, S::in_progress}; }), Ids{a});
    EXPECT_EQ(jobs_where([](Q& q) { q.statuses = {S::completed}; }), Ids{b});
    EXPECT_EQ(jobs_where([](Q& q) { q.statuses = {S::error, S::cancelled}; }), (Ids{d, c}));
    EXPECT_EQ(jobs_where([](Q& q) { q.statuses = {S::completed, S::error}; }), (Ids{c, b}));
    const auto both = [](Q& q) {
        q.message_group = "g";
        q.statuses = {S::pending};
        q.owners = {owner};
    };
    EXPECT_EQ(jobs_where(both), Ids{a});
}

TEST_P(SearchConformance, PendingJobsMayBeNarrowedToKnownOnes) {
    Ids ids;
    for (int n = 0; n < 6; ++n) ids.push_back(add(job(n % 2 == 0 ? "" : "g")));
    settle(ids[0], Kind::completed);
    settle(ids[2], Kind::error);
    using S = JobStatus;
    const auto narrowed = [&](std::vector<S> statuses, auto change) {
        return jobs_where([&](JobQuery& query) {
            query.statuses = std::move(statuses);
            query.pending = {ids[0], ids[3], ids[4], ids[5]};
            change(query);
        });
    };
    const auto no_more = [](JobQuery&) {};
    EXPECT_EQ(narrowed({S::queued}, no_more), (Ids{ids[5], ids[4], ids[3]})) << "the first is over";
    EXPECT_EQ(narrowed({S::queued, S::error}, no_more), (Ids{ids[5], ids[4], ids[3], ids[2]}));
    EXPECT_EQ(narrowed({S::queued}, [](JobQuery& q) { q.message_group = "g"; }), (Ids{ids[5], ids[3]}));
    EXPECT_EQ(narrowed({S::queued}, [](JobQuery& q) { q.pending.emplace(); }), Ids());
    JobQuery query;
    query.statuses = {S::in_progress};
    query.pending = {ids[3], ids[4], ids[5]};
    for (const bool ascending : {false, true}) {
        const PageRequest rest{.size = 1, .after = ids[4], .ascending = ascending};
        EXPECT_EQ(ids_of(run(search().jobs(query, rest)).rows), Ids{ids[ascending ? 5 : 3]});
    }
}

TEST_P(SearchConformance, JobsAreFoundByWhatTheirEventOrTheirOwnSpecSays) {
    const auto matched = append_job([](EventRecord& event, JobRecord& job) {
        event.type = "shop:order:created";
        event.source = "north";
        event.subject = "Order/1";
        event.correlation_id = "c";
        job.client_id = Tsid{1};
    });
    auto made = job();
    made.spec = R"({"kind":"TASK","code":"shop:invoice:sent","source":"south",)"
                R"("subject":"Order/2","correlationId":"c"})";
    const auto own = add(made);
    const auto bare = add(job());
    using Q = JobQuery;
    EXPECT_EQ(jobs_where([](Q& q) { q.applications = {"shop"}; }), (Ids{own, matched}));
    EXPECT_EQ(jobs_where([](Q& q) { q.types = {"shop:invoice:sent"}; }), Ids{own});
    EXPECT_EQ(jobs_where([](Q& q) { q.aggregates = {"created"}; }), Ids{matched});
    EXPECT_EQ(jobs_where([](Q& q) { q.kinds = {"TASK"}; }), Ids{own});
    EXPECT_EQ(jobs_where([](Q& q) { q.kinds = {"EVENT"}; }), (Ids{bare, matched}));
    EXPECT_EQ(jobs_where([](Q& q) { q.source = "ORTH"; }), Ids{matched});
    EXPECT_EQ(jobs_where([](Q& q) { q.text = "order/"; }), (Ids{own, matched}));
    EXPECT_EQ(jobs_where([](Q& q) { q.subject = "er/2"; }), Ids{own});
    EXPECT_EQ(jobs_where([](Q& q) { q.correlation_id = "c"; }), (Ids{own, matched}));
    const auto rows = run(search().jobs({}, {})).rows;
    ASSERT_EQ(ids_of(rows), (Ids{bare, own, matched}));
    EXPECT_FALSE(rows[0].event);
    ASSERT_TRUE(rows[2].event);
    EXPECT_EQ(rows[2].event->type, "shop:order:created");
    EXPECT_EQ(rows[2].event->data, "");
    EXPECT_EQ(jobs_where([&](Q& q) { q.event_id = rows[2].event->id; }), Ids{matched});
    EXPECT_EQ(jobs_where([](Q& q) { q.event_id = Tsid{3}; }), Ids());
}

TEST_P(SearchConformance, PagesAndCursorsGoThroughEverythingInBothDirections) {
    Ids ids;
    for (int n = 0; n < 7; ++n) {
        ids.push_back(append_event([&](EventRecord& event) { event.type = n % 2 == 0 ? "even" : "odd"; }));
    }
    for (const bool ascending : {false, true, false, true}) {
        if (ascending) harness->settle();
        auto expected = ids;
        if (!ascending) std::reverse(expected.begin(), expected.end());
        Ids by_page;
        for (std::int64_t page = 0; page < 4; ++page) {
            const auto found = run(search().events({}, {.page = page, .size = 3, .ascending = ascending}));
            EXPECT_EQ(found.total, 7);
            EXPECT_EQ(static_cast<bool>(found.next), page < 2);
            for (const auto& each : found.rows) by_page.push_back(each.id);
        }
        EXPECT_EQ(by_page, expected);
        Ids by_cursor;
        Tsid cursor;
        do {
            const auto found = run(
                search().events({}, {.size = 2, .after = cursor, .ascending = ascending, .counts = false}));
            for (const auto& each : found.rows) by_cursor.push_back(each.id);
            cursor = found.next;
        } while (cursor);
        EXPECT_EQ(by_cursor, expected);
    }
    EventQuery even;
    even.types = {"even"};
    const auto last = run(search().events(even, {.page = 1, .size = 2}));
    EXPECT_EQ(ids_of(last.rows), (Ids{ids[2], ids[0]}));
    EXPECT_EQ(last.total, 4);
    EXPECT_FALSE(last.next) << "a full page that is the last one has no next";
}

TEST_P(SearchConformance, CursorOfJobsGoesOnWithOneThatCameLater) {
    Ids ids;
    for (int n = 0; n < 3; ++n) ids.push_back(add(job()));
    const PageRequest first{.size = 2, .ascending = true};
    const auto page = run(search().jobs({}, first));
    ASSERT_EQ(page.next, ids[1]);
    ids.push_back(add(job()));
    const auto rest = run(search().jobs({}, {.size = 9, .after = page.next, .ascending = true}));
    EXPECT_EQ(ids_of(rest.rows), (Ids{ids[2], ids[3]}));
    EXPECT_EQ(rest.total, 4) << "the total is of all pages";
}

TEST_P(SearchConformance, PageIsBoundedInBytes) {
    for (int n = 0; n < 12; ++n) {
        append_event([](EventRecord& event) { event.data.assign(1U << 20U, 'x'); });
    }
    const auto found = run(search().events({}, {}));
    EXPECT_LT(found.rows.size(), 12u);
    EXPECT_GE(found.rows.size(), 8u);
    EXPECT_EQ(found.next, found.rows.back().id);
    EXPECT_EQ(found.total, 12);
}

TEST_P(SearchConformance, JobsOfAnEventAreOldestFirst) {
    auto made = event({job(), job(), job()});
    append(made);
    append(event({job()}));
    const auto all = run(search().jobs_of_event(made.event.id, 10));
    EXPECT_EQ(StoreConformance::ids_of(all), (Ids{made.jobs[0].id, made.jobs[1].id, made.jobs[2].id}));
    EXPECT_EQ(run(search().jobs_of_event(made.event.id, 2)).size(), 2u);
    EXPECT_TRUE(run(search().jobs_of_event(Tsid{3}, 2)).empty());
}

TEST_P(SearchConformance, TypesAreSeenByTenant) {
    for (int n = 0; n < 3; ++n) append_event([](EventRecord& event) { event.client_id = Tsid{2}; });
    append_event([](EventRecord& event) { event.type = "a"; });
    append_job([](EventRecord& event, JobRecord&) { event.type = "a"; });
    auto own = job();
    own.spec = R"({"code":"b"})";
    add(own);
    using Seen = std::vector<std::tuple<std::uint64_t, std::string, std::int64_t>>;
    const auto seen = [](const std::vector<TypeSeen>& types) {
        Seen rows;
        for (const auto& each : types) rows.emplace_back(each.client_id.value, each.type, each.count);
        return rows;
    };
    for (const bool later : {false, true}) {
        if (later) harness->settle();
        EXPECT_EQ(seen(run(search().types_of_events())), (Seen{{0, "a", 2}, {2, event().event.type, 3}}));
        EXPECT_EQ(seen(run(search().types_of_jobs())), (Seen{{0, "a", 1}, {0, "b", 1}}));
    }
}

TEST_P(SearchConformance, ActivityCountsWhatHappenedSinceAnHour) {
    const auto happen = [&](Tsid client) {
        const auto made = [&](EventRecord& event, JobRecord& job) {
            event.client_id = client;
            job.client_id = client;
        };
        const auto at = R"("attemptedAt":")" + to_rfc3339(clock.now()) + "\"";
        auto waiting = settlement(append_job(made), Kind::wait);
        waiting.attempt = R"({"status":"SUCCESS","errorMessage":"not yet",)" + at + "}";
        settle(waiting);
        auto taken = settlement(waiting.job.id, Kind::completed);
        taken.attempt = R"({"status":"SUCCESS",)" + at + "}";
        settle(taken);
        auto failing = settlement(append_job(made), Kind::error);
        failing.attempt = R"({"status":"SERVER_ERROR",)" + at + "}";
        settle(failing);
    };
    happen(Tsid{1});
    clock.advance(std::chrono::hours{5});
    const auto since = clock.now();
    happen(Tsid{1});
    happen(Tsid{2});
    const auto expect = [&](std::optional<Tsid> client, TimePoint from, std::int64_t times) {
        const auto activity = run(search().activity(client, from));
        EXPECT_EQ(activity.events, 2 * times);
        EXPECT_EQ(activity.delivered, times);
        EXPECT_EQ(activity.failed_attempts, times);
        EXPECT_EQ(activity.failed, times);
    };
    for (const bool later : {false, true}) {
        if (later) harness->settle();
        expect(std::nullopt, since, 2);
        expect(Tsid{1}, since, 1);
        expect(Tsid{1}, since - std::chrono::hours{6}, 2);
        expect(Tsid{}, since, 0);
    }
}

TEST_P(SearchConformance, BacklogsAreTheOpenJobsOfASubscriptionInAPool) {
    const auto start = clock.now();
    auto made = job();
    made.client_id = Tsid{1};
    made.counted_pool = Tsid{20};
    add(made);
    const auto done = add(job("g"));
    clock.advance(Millis{1'000});
    add(job("g"));
    add(job("g"));
    settle(done, Kind::completed);
    const auto backlogs = run(search().backlogs());
    ASSERT_EQ(backlogs.size(), 2u);
    EXPECT_EQ(backlogs[0].owner, owner);
    EXPECT_EQ(backlogs[0].client_id, Tsid{});
    EXPECT_EQ(backlogs[0].jobs, 2);
    EXPECT_EQ(backlogs[0].oldest, start + Millis{1'000});
    EXPECT_EQ(backlogs[1].counted_pool, Tsid{20});
    EXPECT_EQ(backlogs[1].jobs, 1);
    EXPECT_EQ(backlogs[1].oldest, start);
}

}  // namespace fc::store
