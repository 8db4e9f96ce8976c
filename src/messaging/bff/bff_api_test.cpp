#include "messaging/bff/bff_fixture_test.h"

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;
using testing::BffTest;
using testing::other;
using testing::shop;

TEST_F(BffTest, ATenantSeesItsOwnWhateverItAsks) {
    const auto own = add(shop);
    const auto others = add(other);
    const auto platforms = add({});
    for (const std::string list :
         {"/api/bff/events",
          "/api/bff/dispatch-jobs",
          "/api/bff/debug/events",
          "/api/bff/debug/dispatch-jobs"}) {
        caller = http::administrator(Id<Principal>{1}, "tester");
        EXPECT_EQ(total(list), "3");
        EXPECT_EQ(total(list + "?clientIds=null"), "1");
        EXPECT_EQ(total(list + "?clientId=null," + shop.to_string()), "2");
        caller = client_caller(shop);
        for (const auto& query :
             {std::string(), std::string("?clientIds=null"), "?clientId=" + other.to_string()})
            EXPECT_EQ(total(list + query), "1") << list << query;
        const bool is_event = list.ends_with("events");
        const auto path = [&](const store::NewEvent& made) {
            return list + '/' + (is_event ? made.event.id : made.jobs[0].id).to_string();
        };
        EXPECT_EQ(send("GET", path(own)).status, 200) << list;
        EXPECT_EQ(send("GET", path(others)).status, 404) << list;
        EXPECT_EQ(send("GET", path(platforms)).status, 404) << list;
        caller.client_id.reset();
        EXPECT_EQ(total(list), "0") << "who works for nobody does not see the platform's";
    }
}

TEST_F(BffTest, AnEventsJobsOfAnotherTenantAreNotShownWithIt) {
    auto made = add(shop);
    store::JobRecord watching = made.jobs[0];
    watching.id = ids.next();
    watching.client_id = {};
    watching.origin = store::JobOrigin::replay;
    std::vector<store::JobRecord> more{watching};
    run(store().messages().add_jobs(std::move(more)));
    const auto path = "/api/bff/events/" + made.event.id.to_string();
    EXPECT_TRUE(has(send("GET", path), watching.id.to_string()));
    caller = client_caller(shop);
    const auto answer = send("GET", path);
    EXPECT_TRUE(has(answer, made.jobs[0].id.to_string())) << answer.body;
    EXPECT_FALSE(has(answer, watching.id.to_string())) << answer.body;
}

TEST_F(BffTest, FilterOptionsAreTheTenantsOwn) {
    add(shop, "shop:orders:order:created");
    add(other, "bank:accounts:account:opened");
    add({}, "platform:iam:user:created");
    for (const std::string path :
         {"/api/bff/events/filter-options", "/api/bff/dispatch-jobs/filter-options"}) {
        caller = http::administrator(Id<Principal>{1}, "tester");
        const auto all = send("GET", path);
        for (const auto* value : {R"({"value":null,)", R"("value":"shop")", R"("value":"bank")"})
            EXPECT_TRUE(has(all, value)) << all.body;
        EXPECT_TRUE(has(all, "\"value\":\"" + other.to_string()));
        caller = client_caller(shop);
        const auto own = send("GET", path + "?clientIds=" + other.to_string());
        for (const auto& hidden : {std::string("bank"), std::string("platform:"), other.to_string()})
            EXPECT_FALSE(has(own, hidden)) << own.body;
        EXPECT_TRUE(has(send("GET", path), R"("applications":[{"value":"shop","label":"shop"}])"));
    }
}

TEST_F(BffTest, EachListAsksForItsPermission) {
    const auto made = add(shop);
    caller = client_caller(shop, {"platform:messaging:event:view"});
    EXPECT_EQ(send("GET", "/api/bff/events").status, 200);
    EXPECT_EQ(send("GET", "/api/bff/dispatch-jobs").status, 403);
    EXPECT_EQ(send("GET", "/api/bff/debug/events/" + made.event.id.to_string()).status, 403);
    caller = client_caller(shop, {"platform:messaging:dispatch-job:view-raw"});
    EXPECT_EQ(send("GET", "/api/bff/debug/dispatch-jobs/" + made.jobs[0].id.to_string()).status, 200);
    EXPECT_EQ(send("GET", "/api/bff/debug/events").status, 403);
}

struct LiveJobsTest : BffTest {
    std::vector<Tsid> six_jobs() {
        std::vector<Tsid> made(6);
        for (auto& job : made) job = add(shop).jobs[0].id;
        return made;
    }
};

TEST_F(LiveJobsTest, JobsInTheRoutersHandsAreFoundByTheirLiveState) {
    const auto made = six_jobs();
    control.places = {
        {made[0], LiveJob::Place::queued},
        {made[2], LiveJob::Place::queued},
        {made[5], LiveJob::Place::queued},
        {made[3], LiveJob::Place::in_flight}};
    const std::string list = "/api/bff/dispatch-jobs?status=";
    EXPECT_EQ(total(list + "QUEUED"), "3");
    EXPECT_EQ(total(list + "in_progress"), "1");
    EXPECT_EQ(total(list + "QUEUED,IN_PROGRESS"), "4");
    EXPECT_EQ(total(list + "QUEUED&status=COMPLETED"), "3");
    EXPECT_EQ(total(list + "PENDING"), "6") << "those that have not ended";
    EXPECT_EQ(total(list + "QUEUED&kind=TASK"), "0");
    const auto first_page = list + "QUEUED&size=2";
    const auto first = send("GET", first_page);
    EXPECT_LT(first.body.find(made[5].to_string()), first.body.find(made[2].to_string())) << "newest first";
    EXPECT_FALSE(has(first, made[0].to_string() + "\",\"kind"));
    EXPECT_EQ(text_of(first, "nextCursor"), made[2].to_string());
    EXPECT_TRUE(has(first, R"("totalItems":3,"totalPages":2,"totalIsExact":true)")) << first.body;
    EXPECT_TRUE(has(first, R"("source":"checkout")")) << "what comes from its event";
    for (const auto& rest : {std::string("&page=1"), "&cursor=" + made[2].to_string()}) {
        const auto last = send("GET", first_page + rest);
        EXPECT_TRUE(has(last, "{\"id\":\"" + made[0].to_string())) << last.body;
        EXPECT_FALSE(has(last, made[2].to_string())) << last.body;
        EXPECT_FALSE(has(last, "nextCursor")) << last.body;
    }
}

TEST_F(LiveJobsTest, LiveStatesGoTogetherWithOtherFilters) {
    const auto made = six_jobs();
    for (const auto at : {0, 2, 5}) control.places[made[at]] = LiveJob::Place::queued;
    const std::string list = "/api/bff/dispatch-jobs?source=CHECK&size=2&status=QUEUED";
    const auto first = send("GET", list);
    EXPECT_EQ(text_of(first, "nextCursor"), made[2].to_string()) << first.body;
    EXPECT_TRUE(has(first, R"("totalItems":3,"totalPages":2,"totalIsExact":true)"));
    EXPECT_EQ(total("/api/bff/dispatch-jobs?status=QUEUED&code=nobodys"), "0");
    for (const auto& rest : {std::string("&page=1"), "&cursor=" + made[2].to_string()}) {
        const auto last = send("GET", list + rest);
        EXPECT_TRUE(has(last, "{\"id\":\"" + made[0].to_string())) << last.body;
        EXPECT_FALSE(has(last, made[2].to_string())) << last.body;
        EXPECT_FALSE(has(last, "nextCursor")) << last.body;
    }
}

TEST_F(BffTest, RawListsHaveTheFiltersOfTheOthers) {
    const auto made = add(shop);
    add(shop, "bank:accounts:account:opened");
    control.places[made.jobs[0].id] = LiveJob::Place::queued;
    const std::string debug = "/api/bff/debug/";
    EXPECT_EQ(total(debug + "events?type=bank:accounts:account:opened"), "1");
    EXPECT_EQ(total(debug + "events?deduplicationId=none"), "0");
    EXPECT_EQ(total(debug + "dispatch-jobs?status=ERROR"), "0");
    EXPECT_EQ(total(debug + "dispatch-jobs?status=QUEUED"), "1");
    EXPECT_EQ(total(debug + "dispatch-jobs?eventId=" + made.event.id.to_string()), "1");
    EXPECT_TRUE(has(send("GET", debug + "dispatch-jobs?dispatchPoolId=none"), "/dispatchPoolIds"));
}

TEST_F(BffTest, AParameterThatMeansNothingIsRefused) {
    const auto event = "events/" + add(shop).event.id.to_string();
    for (const auto& list :
         {std::string("events"), std::string("dispatch-jobs"), std::string("debug/events"), event})
        EXPECT_TRUE(has(send("GET", "/api/bff/" + list + "?typ=x"), R"("pointer":"/typ")")) << list;
}

TEST_F(BffTest, MoreJobsThanAreShownAreToldOf) {
    const auto made = add(shop);
    const auto path = "/api/bff/events/" + made.event.id.to_string();
    const auto add_more = [&](std::size_t count, Tsid client_id) {
        std::vector<store::JobRecord> more(count, made.jobs[0]);
        for (auto& job : more) {
            job.id = ids.next();
            job.client_id = client_id;
            job.origin = store::JobOrigin::replay;
        }
        run(store().messages().add_jobs(std::move(more)));
    };
    add_more(BffEventDetail::jobs_max - 1, shop);
    add_more(1, other);
    EXPECT_TRUE(has(send("GET", path), R"("hasMoreJobs":true)"));
    caller = client_caller(shop);
    EXPECT_TRUE(has(send("GET", path), R"("hasMoreJobs":false)")) << "it has no other of its own";
    add_more(1, shop);
    EXPECT_TRUE(has(send("GET", path), R"("hasMoreJobs":true)"));
}

TEST_F(BffTest, MoreAttemptsThanAreShownAreToldOf) {
    const auto made = add(shop);
    const auto path = "/api/bff/dispatch-jobs/" + made.jobs[0].id.to_string();
    const auto fail = [&] {
        store::Settlement failed;
        failed.job = run(store().messages().find_job(made.jobs[0].id)).value();
        failed.next_attempt_at = clock.now();
        failed.attempt = R"({"attemptedAt":"2026-01-31T10:20:30.000Z"})";
        run(store().messages().settle(std::make_shared<const store::Settlement>(std::move(failed))));
    };
    for (std::size_t count = 0; count < BffJobDetail::attempts_max; ++count) fail();
    EXPECT_TRUE(has(send("GET", path), R"("hasMoreAttempts":false)"));
    fail();
    EXPECT_TRUE(has(send("GET", path), R"("hasMoreAttempts":true)"));
}

TEST_F(BffTest, CodesOfJobsThatAnApplicationMadeAreOffered) {
    add(shop, "shop:orders:order:created");
    store::JobRecord own;
    own.id = ids.next();
    own.owner = Tsid{5};
    own.client_id = shop;
    own.origin = store::JobOrigin::api;
    own.spec = R"({"code":"shop:invoices:invoice:sent"})";
    own.created_at = own.next_attempt_at = clock.now();
    std::vector<store::JobRecord> one{own};
    run(store().messages().add_jobs(std::move(one)));
    const auto of_jobs = send("GET", "/api/bff/dispatch-jobs/filter-options?subdomains=invoices");
    EXPECT_TRUE(has(of_jobs, R"("codes":[{"value":"shop:invoices:invoice:sent",)")) << of_jobs.body;
    EXPECT_FALSE(has(send("GET", "/api/bff/events/filter-options"), "invoice"));
}

TEST_F(BffTest, LongDataIsLeftOutOfLists) {
    auto made = add(shop);
    made.jobs.clear();
    made.event.id = ids.next();
    made.event.data = '"' + std::string(row_data_bytes_max, 'x') + '"';
    std::vector<store::NewEvent> one{made};
    run(store().messages().append(std::move(one)));
    const auto path = "/api/bff/events/" + made.event.id.to_string();
    EXPECT_TRUE(has(send("GET", path), "xxxx"));
    const auto list = send("GET", "/api/bff/events");
    EXPECT_FALSE(has(list, "xxxx"));
    EXPECT_TRUE(has(list, R"("data":{"n":1})"));
    EXPECT_TRUE(has(list, "\"dataLength\":" + std::to_string(row_data_bytes_max + 2)));
}

TEST_F(BffTest, BytesAreShownInBase64) {
    auto made = add(shop);
    made.event.id = ids.next();
    made.event.data = "\xff\xfe";
    made.event.data_kind = store::DataKind::binary;
    made.jobs[0].id = ids.next();
    made.jobs[0].event_id = made.event.id;
    std::vector<store::NewEvent> one{made};
    run(store().messages().append(std::move(one)));
    const auto shown = send("GET", "/api/bff/debug/dispatch-jobs/" + made.jobs[0].id.to_string());
    EXPECT_TRUE(has(shown, R"("payloadBase64":"//4=","payloadLength":2)")) << shown.body;
    EXPECT_FALSE(has(shown, R"("payload":)")) << shown.body;
}

}  // namespace
}  // namespace fc::messaging
