#include "messaging/event/event.h"
#include "messaging/explain/explain_api.h"
#include "resource/api_fixture_test.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using store::JobStatus;

const TimePoint came = from_unix_millis(1'800'000'000'000);
const TimePoint before = came - Millis{60'000};
const TimePoint after = came + Millis{60'000};

struct ExplainTest : ::testing::Test {
    ExplainTest() {
        facts.event.id = Tsid{9};
        facts.event.type = "order.created";
        facts.event.created_at = came;
    }
    Subscription wants(std::uint64_t id, const char* pattern) {
        Subscription one;
        one.id = Id<Subscription>{id};
        one.code = Code::parse("s" + std::to_string(id)).value();
        one.event_types.push_back({{}, EventTypePattern::parse(pattern).value(), {}});
        one.created_at = one.updated_at = before;
        return one;
    }
    void add(Subscription one) {
        facts.subscriptions.push_back(std::make_shared<const Subscription>(std::move(one)));
    }
    void add_job(std::uint64_t id, std::uint64_t owner, JobStatus status) {
        JobFacts job;
        job.job.id = Tsid{id};
        job.job.owner = Tsid{owner};
        job.job.status = status;
        job.job.ready = true;
        job.now = after;
        for (const auto& one : facts.subscriptions) {
            if (one->id.value == owner) job.subscription = one;
        }
        facts.jobs.push_back(std::move(job));
    }
    SubscriptionExplanation only() {
        const auto shown = explain(facts);
        EXPECT_EQ(shown.subscriptions.size(), 1U);
        return shown.subscriptions.at(0);
    }
    EventFacts facts;
};

TEST_F(ExplainTest, EachReasonWhyThereIsNoJob) {
    const auto reason = [&](Subscription one) {
        facts.subscriptions.clear();
        add(std::move(one));
        const auto shown = only();
        EXPECT_EQ(shown.matched, shown.reason == MatchReason::job_removed);
        return shown.reason;
    };
    EXPECT_EQ(reason(wants(1, "order.paid")), MatchReason::other_type);
    auto one = wants(1, "order.*");
    one.event_types[0].spec_version = "2.0";
    EXPECT_EQ(reason(one), MatchReason::other_version);
    one = wants(1, "order.*");
    one.client_id = Tsid{77};
    EXPECT_EQ(reason(one), MatchReason::other_client);
    one = wants(1, "order.*");
    one.created_at = one.updated_at = after;
    EXPECT_EQ(reason(one), MatchReason::created_after);
    one.created_at = one.updated_at = came;
    one.id = Id<Subscription>{10};
    EXPECT_EQ(reason(one), MatchReason::created_after) << "in the millisecond of the event, behind it";
    one.id = Id<Subscription>{1};
    EXPECT_EQ(reason(one), MatchReason::imported) << "before it, and not edited";
    one.updated_at = after;
    EXPECT_EQ(reason(one), MatchReason::edited_since);
    one.created_at = before;
    EXPECT_EQ(reason(one), MatchReason::edited_since);
    one.wants_changed_at = before;
    EXPECT_EQ(reason(one), MatchReason::imported) << "no job was made, and what it wants is as it was";
    facts.removed_jobs = 1;
    EXPECT_EQ(reason(one), MatchReason::job_removed);
    facts.removed_jobs = 0;
    facts.unread_jobs = 1;
    EXPECT_EQ(reason(one), MatchReason::not_looked_at);
}

TEST_F(ExplainTest, RemovedJobsAreSaidToHaveBeen) {
    auto one = wants(1, "order.*");
    one.updated_at = after;
    one.wants_changed_at = before;
    add(one);
    facts.removed_jobs = 1;
    EXPECT_EQ(explain(facts).summary, "It became 1 job, removed after JOB_RETENTION.");
    EXPECT_EQ(only().text, "matched; its job was removed after its retention time");
    EXPECT_FALSE(only().edited_at) << "what it wants was not";
    facts.subscriptions.clear();
    one.wants_changed_at = after;
    add(one);
    EXPECT_EQ(only().reason, MatchReason::edited_since);
    EXPECT_NE(only().text.find("is not known"), std::string::npos) << only().text;
    add(wants(2, "order.*"));
    add_job(5, 2, JobStatus::completed);
    facts.removed_jobs = 2;
    EXPECT_EQ(explain(facts).summary, "It became 3 jobs: 1 delivered, 2 removed after JOB_RETENTION.");
}

TEST_F(ExplainTest, JobsThatAreNotShownAreCountedAndMatched) {
    add(wants(1, "order.*"));
    add_job(5, 1, JobStatus::completed);
    add(wants(2, "order.*"));
    store::JobRecord further;
    further.owner = Tsid{2};
    further.status = JobStatus::error;
    facts.further_jobs = {further};
    const auto shown = explain(facts);
    EXPECT_TRUE(shown.has_more_jobs);
    EXPECT_EQ(shown.summary, "It became 2 jobs: 1 delivered, 1 failed.");
    const auto& second = shown.subscriptions.at(1);
    EXPECT_TRUE(second.matched);
    EXPECT_EQ(second.reason, MatchReason::matched);
    EXPECT_EQ(second.text, "matched; its jobs are not among those that are shown");
    facts.unread_jobs = 7;
    EXPECT_EQ(explain(facts).summary, "It became 9 jobs: 1 delivered, 1 failed, 7 not looked at.");
}

TEST_F(ExplainTest, AMatchThatWasEditedAwaySaysSo) {
    auto one = wants(1, "payment.*");
    one.updated_at = after;
    add(one);
    add_job(5, 1, JobStatus::completed);
    const auto shown = only();
    EXPECT_TRUE(shown.matched);
    EXPECT_EQ(shown.edited_at, after);
    EXPECT_EQ(
        shown.text,
        "matched when the event came; it was edited since, and now it wants other event types (payment.*), "
        "not "
        "\"order.created\"");
}

TEST_F(ExplainTest, AJobOfADeletedSubscriptionIsStillShown) {
    add_job(5, 1, JobStatus::cancelled);
    const auto shown = only();
    EXPECT_EQ(shown.reason, MatchReason::deleted);
    EXPECT_FALSE(shown.code);
    EXPECT_EQ(shown.jobs.at(0).id, Tsid{5});
}

TEST_F(ExplainTest, AReplayIsNoMatch) {
    auto one = wants(1, "order.*");
    one.created_at = one.updated_at = after;
    add(one);
    add_job(5, 1, JobStatus::completed);
    facts.jobs[0].job.origin = store::JobOrigin::replay;
    const auto shown = only();
    EXPECT_FALSE(shown.matched);
    EXPECT_EQ(shown.reason, MatchReason::created_after);
    EXPECT_EQ(shown.jobs.size(), 1U);
}

TEST_F(ExplainTest, TheNearestComeFirstAndTheRestIsCounted) {
    add(wants(1, "payment.*"));
    auto version = wants(2, "order.*");
    version.event_types[0].spec_version = "2.0";
    add(version);
    add(wants(3, "invoice.*"));
    facts.others_max = 2;
    const auto shown = explain(facts);
    ASSERT_EQ(shown.subscriptions.size(), 2U);
    EXPECT_EQ(shown.subscriptions[0].id, Tsid{2});
    EXPECT_EQ(shown.subscriptions_not_shown, 1);
    EXPECT_EQ(
        shown.summary,
        "It became no job, because no subscription matched: of 3 that you may see, 1 wants another spec "
        "version, "
        "2 want other event types.");
}

TEST_F(ExplainTest, TheSummaryCountsJobsAndNamesTheFirstThatIsNotDone) {
    for (std::uint64_t id = 1; id <= 3; ++id) add(wants(id, "order.*"));
    add_job(11, 1, JobStatus::completed);
    add_job(12, 2, JobStatus::error);
    facts.jobs[1].job.last_error = "HTTP 404";
    add_job(13, 3, JobStatus::pending);
    facts.event.duplicates = 1;
    EXPECT_EQ(
        explain(facts).summary,
        "It became 3 jobs: 1 delivered, 1 open, 1 failed; job " + Tsid{12}.to_string() +
            " failed after 0 attempts and is not retried, because the target answered HTTP 404. It was "
            "published "
            "again 1 time with the same deduplication id: those made no further event.");
}

TEST_F(ExplainTest, WhoSentAJobAgainIsSaid) {
    add_job(5, 1, JobStatus::completed);
    facts.jobs[0].job.resent_by = "tester: mended";
    const auto shown = explain(facts.jobs[0]);
    EXPECT_EQ(shown.resent_by, "tester: mended");
    EXPECT_EQ(shown.summary, "The job was delivered. It was sent again by tester: mended.");
}

/// Nothing is in memory here.
class NoControl : public JobControl {
public:
    LiveJob live(Tsid) const override { return {}; }
    std::vector<Tsid> live_jobs(const store::JobQuery&) const override { return {}; }
    Task<Result<store::JobRecord>> retry(Tsid, store::Resend) override { co_return not_found("NONE", ""); }
    Task<Result<store::JobRecord>> cancel(Tsid, std::string) override { co_return not_found("NONE", ""); }
};

constexpr Tsid shop{77};

struct ExplainApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        serve(api.routes());
    }
    Id<Subscription> subscribe(Tsid client_id) {
        Subscription one;
        one.client_id = client_id;
        one.code = Code::parse("c" + std::to_string(client_id.value)).value();
        one.event_types.push_back({{}, EventTypePattern::parse("order.**").value(), {}});
        const auto accept = [](Subscription&, TimePoint) -> Result<void> { return {}; };
        return run(catalog.subscriptions().insert(std::move(one), accept)).value()->id;
    }
    /// An event of the shop in the group "g".
    store::NewEvent publish() {
        clock.advance(Millis{5});
        auto body = codec::from_json<CreateEvent>(
            R"({"type":"order.created","source":"test","messageGroup":"g","data":{}})");
        auto made = make_event(std::move(body.value()), {shop, clock.now()}, catalog, ids);
        std::vector<store::NewEvent> events{made};
        run(store().messages().append(std::move(events)));
        return made;
    }
    Catalog catalog{store().documents(), clock, ids};
    NoControl control;
    ExplainApi api{{&store().messages(), &store().search(), &control, &catalog, &clock}};
};

TEST_F(ExplainApiTest, OnlyWhatTheCallerMaySeeIsShown) {
    const auto of_platform = subscribe(Tsid{}).to_string();
    const auto of_shop = subscribe(shop).to_string();
    const auto of_other = subscribe(Tsid{78}).to_string();
    const auto made = publish();
    const auto path = "/api/events/" + made.event.id.to_string() + "/explain";
    const auto all = send("GET", path);
    for (const auto& id : {of_platform, of_shop, of_other}) EXPECT_TRUE(has(all, id)) << all.body;
    caller = client_caller(shop);
    const auto own = send("GET", path);
    EXPECT_TRUE(has(own, of_shop)) << own.body;
    for (const auto& id : {of_platform, of_other}) EXPECT_FALSE(has(own, id)) << own.body;
    EXPECT_TRUE(has(own, "It became 1 job")) << own.body;
    for (const auto& job : made.jobs) {
        const auto status = job.client_id == shop ? 200 : 404;
        EXPECT_EQ(send("GET", "/api/dispatch/jobs/" + job.id.to_string() + "/explain").status, status);
    }
    caller = client_caller(Tsid{78});
    EXPECT_EQ(send("GET", path).status, 404);
    caller = client_caller(shop, {"platform:messaging:subscription:view"});
    EXPECT_EQ(send("GET", path).status, 403);
}

TEST_F(ExplainApiTest, EachOfManyMatchesIsKnown) {
    const auto made = publish();
    const auto path = "/api/events/" + made.event.id.to_string() + "/explain?others=0";
    std::vector<store::JobRecord> replays(250);
    for (auto& job : replays) {
        job.id = ids.next();
        job.event_id = made.event.id;
        job.owner = Tsid{5};
        job.origin = store::JobOrigin::replay;
    }
    run(store().messages().add_jobs(std::move(replays)));
    const auto answer = send("GET", path);
    EXPECT_TRUE(has(answer, "It became 250 jobs: 250 open; job ")) << answer.body.substr(0, 500);
    EXPECT_TRUE(has(answer, R"("hasMoreJobs":true)"));
}

TEST_F(ExplainApiTest, AJobBehindItsHeadNamesIt) {
    subscribe(shop);
    const auto head = publish().jobs.at(0).id;
    const auto second = publish().jobs.at(0).id;
    const auto answer = send("GET", "/api/dispatch/jobs/" + second.to_string() + "/explain");
    EXPECT_TRUE(has(answer, R"("code":"BEHIND_HEAD")")) << answer.body;
    EXPECT_TRUE(has(answer, R"("jobId":")" + head.to_string() + '"')) << answer.body;
    EXPECT_TRUE(
        has(send("GET", "/api/dispatch/jobs/" + head.to_string() + "/explain"), R"("code":"BACKLOG")"));
}

}  // namespace
}  // namespace fc::messaging
