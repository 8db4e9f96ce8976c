#include "messaging/dispatch_job/job_api.h"

#include "messaging/dispatch_pool/dispatch_pool_api.h"
#include "messaging/subscription/subscription_api.h"
#include "resource/api_fixture_test.h"

#include <map>

namespace fc::messaging {
namespace {

using resource::testing::client_caller;
using resource::testing::has;
using resource::testing::text_of;

constexpr Tsid shop{77};
constexpr Tsid other{78};

/// Goes to the store directly: nothing is handed over here.
class StoreControl : public JobControl {
public:
    explicit StoreControl(store::MessageLog& messages) : messages_(messages) {}
    LiveJob live(Tsid job) const override {
        const auto found = lives.find(job);
        return found == lives.end() ? LiveJob{} : found->second;
    }
    std::vector<Tsid> live_jobs(const store::JobQuery& query) const override {
        asked = query;
        return {};
    }
    Task<Result<store::JobRecord>> retry(Tsid job, store::Resend resend) override {
        co_return co_await messages_.retry(job, std::nullopt, std::move(resend));
    }
    Task<Result<store::JobRecord>> cancel(Tsid job, std::string reason) override {
        co_return co_await messages_.cancel(job, std::move(reason));
    }
    std::map<Tsid, LiveJob> lives;
    mutable store::JobQuery asked;

private:
    store::MessageLog& messages_;
};

struct JobApiTest : resource::testing::ApiFixture {
    void SetUp() override {
        run(catalog.load());
        auto routes = api.routes();
        routes.add(subscription_api.routes());
        routes.add(pool_api.routes());
        serve(std::move(routes));
        subscription = subscribe("orders");
    }
    std::string subscribe(std::string_view name) {
        const auto body = R"({"name":")" + std::string(name) +
                          R"(","eventTypes":["none"],"targetUrl":"https://example.com/hook"})";
        return text_of(send("POST", "/api/subscriptions", body), "id");
    }
    /// `more` begins with a comma.
    std::string body(const std::string& more = "") const {
        return R"({"subscriptionId":")" + subscription +
               R"(","targetUrl":"https://example.com/mine","payload":"{}")" + more + "}";
    }
    http::Response create(const std::string& more = "") {
        return send("POST", "/api/dispatch/jobs", body(more));
    }
    std::string job_path(const http::Response& created) {
        EXPECT_EQ(created.status, 201) << created.body;
        return "/api/dispatch/jobs/" + text_of(created, "id");
    }
    Tsid add_event() {
        std::vector<store::NewEvent> events(1);
        auto& event = events[0].event;
        event.id = ids.next();
        event.client_id = shop;
        event.type = "order.created";
        event.source = "shop";
        event.subject = "order-1";
        const auto id = event.id;
        run(store().messages().append(std::move(events)));
        return id;
    }
    void settle(const http::Response& created, store::Settlement::Kind kind, std::string attempt = "{}") {
        store::Settlement settlement;
        settlement.job = *run(store().messages().find_job(*Tsid::parse(text_of(created, "id"))));
        settlement.kind = kind;
        settlement.attempt = std::move(attempt);
        settlement.last_error = kind == store::Settlement::Kind::error ? "500" : "";
        run(store().messages().settle(std::make_shared<const store::Settlement>(std::move(settlement))));
    }
    std::string total(const std::string& query) {
        const auto answer = send("GET", "/api/dispatch/jobs" + query);
        const auto at = answer.body.find("\"total\":");
        return at == std::string::npos ? answer.body
                                       : answer.body.substr(at + 8, answer.body.find(',', at) - at - 8);
    }

    Catalog catalog{store().documents(), clock, ids};
    http::EgressFilter egress;
    StoreControl control{store().messages()};
    JobApi api{{&store().messages(), &store().search(), &control, &catalog, &clock, &ids, &egress}};
    SubscriptionApi subscription_api{{&catalog, &store().messages(), &egress, &clock}};
    DispatchPoolApi pool_api{{&catalog, &store().messages()}};
    std::string subscription;
};

TEST_F(JobApiTest, AJobIsCreatedAndShown) {
    const auto answer = create(R"(,"code":"order.created","messageGroup":"g","mode":"block_on_error",
        "timeoutSeconds":5,"maxRetries":3,"metadata":{"a":"b"},"externalId":"x","idempotencyKey":"i")");
    const auto path = job_path(answer);
    EXPECT_EQ(answer.headers.at(0).second, path);
    const auto shown = send("GET", path);
    const auto until_waits = answer.body.substr(0, answer.body.find(R"(,"idempotencyKey")"));
    EXPECT_TRUE(has(shown, until_waits)) << "the same, and what it waits for: " << shown.body;
    for (const auto* part :
         {R"("code":"order.created")",
          R"("targetUrl":"https://example.com/mine")",
          R"("mode":"BLOCK_ON_ERROR")",
          R"("status":"PENDING")",
          R"("timeoutSeconds":5)",
          R"("maxRetries":3)",
          R"("metadata":{"a":"b"})",
          R"("externalId":"x")",
          R"("idempotencyKey":"i")",
          R"("attemptCount":0)",
          R"("waitsForHead":false)"})
        EXPECT_TRUE(has(shown, part)) << part << " in " << shown.body;
    EXPECT_EQ(text_of(shown, "subscriptionId"), subscription);
    EXPECT_EQ(text_of(shown, "dispatchPoolId"), catalog.default_pool()->id.to_string());
    EXPECT_TRUE(has(create(R"(,"messageGroup":"g")"), R"("waitsForHead":true)")) << "the first is the head";
}

TEST_F(JobApiTest, WhatIsLeftOutComesFromItsEvent) {
    const auto event = add_event().to_string();
    const auto answer = create(R"(,"eventId":")" + event + R"(","subject":"mine")");
    EXPECT_EQ(text_of(answer, "eventId"), event) << answer.body;
    EXPECT_EQ(text_of(answer, "code"), "order.created");
    EXPECT_EQ(text_of(answer, "source"), "shop");
    EXPECT_EQ(text_of(answer, "subject"), "mine");
}

TEST_F(JobApiTest, B39_AnIdempotencyKeyIsItsClientsOwn) {
    const auto first = create(R"(,"idempotencyKey":"k")");
    const auto again = create(R"(,"idempotencyKey":"k","code":"other")");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(text_of(again, "id"), text_of(first, "id"));
    EXPECT_TRUE(has(again, R"("duplicate":true)"));
    const auto chosen = other.to_string();
    fields = {{"X-Client-ID", chosen}};
    const auto others = create(R"(,"idempotencyKey":"k")");
    EXPECT_EQ(others.status, 201) << others.body;
    EXPECT_EQ(text_of(others, "clientId"), chosen);
}

TEST_F(JobApiTest, B39_TheKeyHoldsInBatchesToo) {
    const auto first = create(R"(,"idempotencyKey":"k")");
    const auto answer =
        send("POST", "/api/dispatch/jobs/batch", "[" + body(R"(,"idempotencyKey":"k")") + "]");
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(text_of(answer, "id"), text_of(first, "id"));
    EXPECT_TRUE(has(answer, R"("duplicate":true)")) << answer.body;
    const auto twice = R"(,"idempotencyKey":"twice")";
    send("POST", "/api/dispatch/jobs/batch", "{\"jobs\":[" + body(twice) + "," + body(twice) + "]}");
    EXPECT_EQ(total(""), "2");
}

TEST_F(JobApiTest, ABatchIsAllOrNothingUnlessItHasItems) {
    const auto bad = R"({"subscriptionId":"0000000000001","targetUrl":"https://example.com/","payload":1})";
    const auto refused =
        send("POST", "/api/dispatch/jobs/batch", "{\"jobs\":[" + body() + "," + bad + ",{\"payload\":1}]}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(has(refused, "\"/jobs/2/targetUrl\"")) << refused.body;
    const auto unknown = send("POST", "/api/dispatch/jobs/batch", "[" + body() + "," + bad + "]");
    EXPECT_TRUE(has(unknown, "\"/1/subscriptionId\"")) << unknown.body;
    EXPECT_EQ(total(""), "0");
    const auto mixed =
        send("POST", "/api/dispatch/jobs/batch", "{\"items\":[" + body() + "," + bad + ",7," + body() + "]}");
    EXPECT_EQ(mixed.status, 200) << mixed.body;
    EXPECT_TRUE(has(mixed, R"("error":"/subscriptionId names no subscription")")) << mixed.body;
    EXPECT_EQ(total(""), "2");
}

TEST_F(JobApiTest, EveryFaultOfABodyIsNamed) {
    const auto answer = send("POST", "/api/dispatch/jobs", R"({"timeoutSeconds":-1})");
    EXPECT_EQ(answer.status, 400);
    for (const auto* pointer :
         {"\"/subscriptionId\"", "\"/targetUrl\"", "\"/payload\"", "\"/timeoutSeconds\""})
        EXPECT_TRUE(has(answer, pointer)) << pointer << " in " << answer.body;
}

TEST_F(JobApiTest, WhatItNamesMustBeThere) {
    const auto unknown = send("POST", "/api/dispatch/jobs", R"({"subscriptionId":"0000000000001",
        "targetUrl":"http://192.168.0.1/x","payload":"","dispatchPoolId":"nothing"})");
    EXPECT_EQ(unknown.status, 400);
    for (const auto* pointer : {"\"/subscriptionId\"", "\"/targetUrl\"", "\"/dispatchPoolId\""})
        EXPECT_TRUE(has(unknown, pointer)) << pointer << " in " << unknown.body;
    EXPECT_TRUE(has(create(R"(,"eventId":"0000000000001")"), "\"/eventId\""));
    EXPECT_EQ(total(""), "0");
}

TEST_F(JobApiTest, PrivateTargetsAreRefused) {
    for (const auto* target :
         {"http://127.0.0.1/", "http://[::1]/", "http://localhost:80/", "http://10.1.2.3/"}) {
        const auto answer = send(
            "POST",
            "/api/dispatch/jobs",
            R"({"subscriptionId":")" + subscription + R"(","payload":"","targetUrl":")" + target + "\"}");
        EXPECT_EQ(answer.status, 400) << target;
        EXPECT_TRUE(has(answer, "\"/targetUrl\"")) << answer.body;
    }
}

TEST_F(JobApiTest, HeadersOfTheProductAndWhatNoHeaderCanCarryAreRefused) {
    const auto answer =
        create(R"(,"headers":{"webhook-id":"1","X-FlowCatalyst-ID":"2","Host":"h","X-Fine":"a\nb"})");
    EXPECT_EQ(answer.status, 400);
    for (const auto* pointer :
         {"\"/headers/webhook-id\"",
          "\"/headers/X-FlowCatalyst-ID\"",
          "\"/headers/Host\"",
          "\"/headers/X-Fine\""})
        EXPECT_TRUE(has(answer, pointer)) << pointer << " in " << answer.body;
    const auto split = create(R"(,"payloadContentType":"text/plain\r\nX-Evil: 1","subject":"\u0001")");
    EXPECT_EQ(split.status, 400);
    for (const auto* pointer : {"\"/payloadContentType\"", "\"/subject\""})
        EXPECT_TRUE(has(split, pointer)) << pointer << " in " << split.body;
    EXPECT_EQ(create(R"(,"headers":{"X-Fine":"a"})").status, 201);
}

TEST_F(JobApiTest, ATenantUsesNoSubscriptionButItsOwn) {
    caller = client_caller(other);
    EXPECT_TRUE(has(create(), "\"/subscriptionId\"")) << "the platform's secret is not for tenants";
    caller = client_caller(shop);
    subscription = subscribe("of the shop");
    EXPECT_EQ(create().status, 201);
    caller = client_caller(other);
    EXPECT_TRUE(has(create(), "\"/subscriptionId\""));
    caller = http::administrator(Id<Principal>{1}, "tester");
    EXPECT_TRUE(has(create(), "\"/subscriptionId\"")) << "acts for the platform";
    const auto chosen = shop.to_string();
    fields = {{"X-Client-ID", chosen}};
    EXPECT_EQ(create().status, 201);
}

TEST_F(JobApiTest, ListsAreFilteredAndPaged) {
    const auto event = add_event().to_string();
    create(R"(,"messageGroup":"g","eventId":")" + event + '"');
    settle(create(), store::Settlement::Kind::completed);
    settle(create(), store::Settlement::Kind::error);
    subscription = subscribe("others");
    create();
    const std::map<std::string, std::string> jobs_of{
        {"PENDING", "2"}, {"completed", "1"}, {"ERROR", "1"}, {"CANCELLED", "0"}};
    for (const auto& [status, jobs] : jobs_of) EXPECT_EQ(total("?status=" + status), jobs) << status;
    EXPECT_EQ(total("?statuses=ERROR,completed"), "2") << "the filters are those of the user interface";
    EXPECT_EQ(total("?status=ERROR&status=PENDING"), "3");
    EXPECT_EQ(total("?messageGroup=g"), "1");
    EXPECT_EQ(total("?eventId=" + event), "1");
    EXPECT_EQ(total("?subscriptionId=" + subscription), "1");
    EXPECT_EQ(total("?clientId=" + shop.to_string()), "0");
    EXPECT_EQ(send("GET", "/api/dispatch/jobs?status=LOST").status, 400);
    EXPECT_EQ(send("GET", "/api/dispatch/jobs?size=101").status, 400);
    std::string seen;
    for (const auto* page : {"0", "1", "2"}) {
        const auto answer = send("GET", "/api/dispatch/jobs?size=2&page=" + std::string(page));
        EXPECT_TRUE(has(answer, R"("page":)" + std::string(page) + R"(,"size":2)")) << answer.body;
        EXPECT_TRUE(has(answer, R"("total":4,"totalPages":2,"totalIsExact":true)")) << answer.body;
        for (std::size_t at = 0; (at = answer.body.find("\"attemptCount\"", at)) != std::string::npos; ++at)
            seen += page;
    }
    EXPECT_EQ(seen, "0011");
}

TEST_F(JobApiTest, AJobIsOfAKnownKind) {
    const auto task = text_of(create(R"(,"kind":"TASK")"), "id");
    create();
    EXPECT_TRUE(has(create(R"(,"kind":"REPORT")"), R"("pointer":"/kind")"));
    EXPECT_TRUE(has(send("GET", "/api/dispatch/jobs?kind=task"), R"("id":")" + task));
    EXPECT_EQ(total("?kind=task"), "1");
    EXPECT_TRUE(has(send("GET", "/api/dispatch/jobs?kind=NONSENSE"), R"("pointer":"/kind")"));
}

TEST_F(JobApiTest, JobsInTheHandsOfTheRouterAreAskedOfTheScheduler) {
    EXPECT_EQ(send("GET", "/api/dispatch/jobs?status=QUEUED&messageGroup=g").status, 200);
    EXPECT_EQ(control.asked.statuses, (std::vector{store::JobStatus::queued}));
    EXPECT_EQ(control.asked.message_group, "g");
    caller = client_caller(shop);
    send("GET", "/api/dispatch/jobs?status=IN_PROGRESS");
    EXPECT_EQ(control.asked.statuses, (std::vector{store::JobStatus::in_progress}));
    EXPECT_EQ(control.asked.client_ids, (std::vector<Tsid>{shop}));
}

TEST_F(JobApiTest, OtherTenantsJobsAreNotThere) {
    const auto of_platform = job_path(create());
    caller = client_caller(shop);
    subscription = subscribe("of the shop");
    const auto path = job_path(create());
    EXPECT_EQ(total(""), "1");
    EXPECT_EQ(total("?clientId=" + other.to_string()), "1") << "its own, whatever it asks for";
    for (const auto* rest : {"", "/attempts"}) {
        EXPECT_EQ(send("GET", path + rest).status, 200);
        EXPECT_EQ(send("GET", of_platform + rest).status, 404);
    }
    caller = client_caller(other);
    for (const auto* rest : {"/retry", "/cancel"}) EXPECT_EQ(send("POST", path + rest).status, 404) << rest;
    EXPECT_EQ(total(""), "0");
    caller.client_id.reset();
    EXPECT_EQ(total(""), "0") << "who works for nobody does not see the platform's";
    caller = http::administrator(Id<Principal>{1}, "tester");
    EXPECT_TRUE(has(send("GET", path), R"("status":"PENDING")"));
}

TEST_F(JobApiTest, AttemptsAreListedOldestFirst) {
    const auto created = create();
    settle(created, store::Settlement::Kind::wait, R"({"attemptNumber":1})");
    settle(created, store::Settlement::Kind::completed, R"({"attemptNumber":2})");
    const auto answer = send("GET", job_path(created) + "/attempts");
    EXPECT_TRUE(has(answer, R"("items":[{"attemptNumber":1},{"attemptNumber":2}],"total":2)")) << answer.body;
    EXPECT_EQ(send("GET", "/api/dispatch/jobs/0000000000001/attempts").status, 404);
}

TEST_F(JobApiTest, TheTimeOfTheLastAttemptIsShown) {
    const auto created = create();
    EXPECT_FALSE(has(send("GET", job_path(created)), "lastAttemptAt"));
    settle(created, store::Settlement::Kind::wait, R"({"attemptedAt":"2026-01-01T00:00:00.000Z"})");
    settle(created, store::Settlement::Kind::wait, R"({"attemptedAt":"2026-01-02T00:00:00.000Z"})");
    EXPECT_EQ(text_of(send("GET", job_path(created)), "lastAttemptAt"), "2026-01-02T00:00:00.000Z");
}

TEST_F(JobApiTest, HeadersAreShownWithoutTheirValues) {
    const auto answer = create(R"(,"headers":{"Authorization":"Bearer abc"},"schemaId":"s-1")");
    EXPECT_TRUE(has(answer, R"("headers":{"Authorization":"***"})")) << answer.body;
    EXPECT_EQ(text_of(answer, "schemaId"), "s-1");
}

TEST_F(JobApiTest, AJobBelongsToTheClientThatItsBodyNames) {
    const auto answer = create(R"(,"clientId":")" + shop.to_string() + '"');
    EXPECT_EQ(text_of(answer, "clientId"), shop.to_string()) << answer.body;
    caller = client_caller(other);
    EXPECT_EQ(create(R"(,"clientId":")" + shop.to_string() + '"').status, 403);
}

TEST_F(JobApiTest, ARetryShowsTheJobOpenAgain) {
    const auto created = create();
    const auto path = job_path(created);
    settle(created, store::Settlement::Kind::error);
    EXPECT_TRUE(has(send("GET", path), R"("status":"ERROR")"));
    const auto answer = send("POST", path + "/retry", R"({"reason":"the target is well again"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(text_of(answer, "resentBy"), "tester: the target is well again");
    EXPECT_TRUE(has(answer, R"("status":"PENDING")")) << answer.body;
    EXPECT_TRUE(has(answer, R"("attemptCount":1)")) << answer.body;
    EXPECT_EQ(send("POST", "/api/dispatch/jobs/0000000000001/retry").status, 404);
}

TEST_F(JobApiTest, ACancelSaysWhoseItWas) {
    const auto path = job_path(create());
    const auto other_path = job_path(create());
    const auto why = send("POST", other_path + "/cancel", R"({"reason":"a test order"})");
    EXPECT_EQ(text_of(why, "lastError"), "cancelled by tester: a test order") << why.body;
    EXPECT_TRUE(has(send("POST", path + "/cancel", R"({"reason":"a\nb"})"), "\"/reason\""));
    const auto answer = send("POST", path + "/cancel");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(has(answer, R"("status":"CANCELLED")")) << answer.body;
    EXPECT_EQ(text_of(answer, "lastError"), "cancelled by tester");
    const auto again = send("POST", path + "/cancel");
    EXPECT_EQ(again.status, 409);
    EXPECT_TRUE(has(again, "JOB_ALREADY_ENDED")) << again.body;
}

TEST_F(JobApiTest, WhatOnlyTheSchedulerKnowsIsShown) {
    const auto created = create();
    const auto id = *Tsid::parse(text_of(created, "id"));
    control.lives[id] = {.place = LiveJob::Place::in_flight, .since = clock.now()};
    const auto shown = send("GET", job_path(created));
    EXPECT_TRUE(has(shown, R"("status":"IN_PROGRESS")")) << shown.body;
    EXPECT_TRUE(has(shown, R"("waitsFor":{"code":"IN_FLIGHT","text":"is being delivered )")) << shown.body;
    settle(created, store::Settlement::Kind::completed);
    EXPECT_TRUE(has(send("GET", job_path(created)), R"("status":"COMPLETED")")) << "the store knows better";
}

TEST_F(JobApiTest, WhatItDoesNotSayOfItsBodyItsSubscriptionSays) {
    send("PUT", "/api/subscriptions/" + subscription, R"({"dataOnly":false})");
    EXPECT_TRUE(has(create(), R"("dataOnly":false)"));
    EXPECT_TRUE(has(create(R"(,"dataOnly":true)"), R"("dataOnly":true)"));
}

TEST_F(JobApiTest, EachRouteAsksForItsPermission) {
    const auto path = job_path(create());
    caller = client_caller(shop, {"platform:messaging:dispatch-job:view"});
    EXPECT_EQ(create().status, 403);
    EXPECT_EQ(send("POST", path + "/retry").status, 403);
    EXPECT_EQ(send("POST", path + "/cancel").status, 403);
    caller = client_caller(shop, {"platform:messaging:dispatch-job:create"});
    EXPECT_EQ(send("GET", path).status, 403);
    EXPECT_EQ(send("GET", "/api/dispatch/jobs").status, 403);
    EXPECT_EQ(send("GET", path + "/attempts").status, 403);
}

}  // namespace
}  // namespace fc::messaging
