#include "messaging/catalog.h"

#include "messaging/subscription/matching.h"
#include "resource/api_fixture_test.h"

namespace fc::messaging {
namespace {

constexpr Tsid shop{77};
constexpr Tsid other{78};

struct CatalogTest : resource::testing::ApiFixture {
    void SetUp() override { start(); }
    void start() {
        catalog = std::make_unique<Catalog>(store().documents(), clock, ids);
        run(catalog->load());
    }
    static Subscription subscription(const char* code, std::vector<const char*> patterns, Tsid client = {}) {
        Subscription one;
        one.client_id = client;
        one.code = Code::parse(code).value();
        one.target = Url::parse("https://example.com/hook").value();
        for (const auto* pattern : patterns)
            one.event_types.push_back({{}, EventTypePattern::parse(pattern).value(), {}});
        return one;
    }
    SubscriptionPtr add(Subscription one) {
        return run(catalog->subscriptions().insert(
                       std::move(one), [](auto&, auto) -> Result<void> { return {}; }))
            .value();
    }
    std::string matched(std::string_view type, Tsid client = {}, std::string_view spec_version = "1.0") {
        std::string codes;
        store::EventRecord event;
        event.type = type;
        event.client_id = client;
        event.spec_version = spec_version;
        const auto found = catalog->match(event);
        for (const auto& one : found) codes += one->code.text() + ' ';
        for (const auto& one : catalog->subscriptions().all()) {
            const bool is_found = std::ranges::find(found, one) != found.end();
            EXPECT_EQ(matches(*one, event) == Match::yes, is_found) << "asked singly: " << one->code.text();
        }
        return codes;
    }

    std::unique_ptr<Catalog> catalog;
};

TEST_F(CatalogTest, SeedsTheDefaultPoolOnce) {
    const auto pool = catalog->default_pool();
    ASSERT_TRUE(pool);
    EXPECT_EQ(pool->concurrency.value(), 64);
    EXPECT_FALSE(pool->rate_limit_per_min);
    EXPECT_EQ(pool_key(*pool), "default");
    catalog.reset();
    reopen_store();
    start();
    EXPECT_EQ(catalog->default_pool()->id, pool->id);
    EXPECT_EQ(catalog->pools().all().size(), 1U);
}

TEST_F(CatalogTest, MatchesInOrderOfSequenceThenCode) {
    auto late = subscription("a-late", {"order.*"});
    late.sequence = 100;
    add(late);
    add(subscription("b", {"order.**", "order.created"}));
    add(subscription("a", {"**"}));
    add(subscription("none", {"order.deleted"}));
    EXPECT_EQ(matched("order.created"), "a b a-late ");
    EXPECT_EQ(matched("payment.made"), "a ");
}

TEST_F(CatalogTest, AClientSeesItsOwnEventsAndThePlatformAll) {
    add(subscription("platform", {"**"}));
    add(subscription("shop", {"**"}, shop));
    EXPECT_EQ(matched("order.created"), "platform ");
    EXPECT_EQ(matched("order.created", shop), "platform shop ");
    EXPECT_EQ(matched("order.created", other), "platform ");
}

TEST_F(CatalogTest, ASpecVersionLimitsABinding) {
    auto one = subscription("one", {"order.created"});
    one.event_types[0].spec_version = "1.1";
    add(one);
    EXPECT_EQ(matched("order.created", {}, "1.0"), "");
    EXPECT_EQ(matched("order.created", {}, "1.1"), "one ");
}

TEST_F(CatalogTest, PausedOnesMatchAndRemovedOnesDoNot) {
    const auto one = add(subscription("one", {"order.*"}));
    ASSERT_TRUE(run(catalog->pause(one->id, "the target is gone")));
    EXPECT_EQ(catalog->find_subscription(one->id)->paused_reason, "the target is gone");
    EXPECT_EQ(run(catalog->pause(one->id, "again")).error().code, "ALREADY_PAUSED");
    EXPECT_EQ(matched("order.created"), "one ");
    run(catalog->subscriptions().remove(one->id, [](auto&, auto) -> Result<void> { return {}; })).value();
    EXPECT_EQ(matched("order.created"), "");
    EXPECT_FALSE(catalog->find_subscription(one->id));
    EXPECT_EQ(run(catalog->pause(one->id, "")).error().code, "SUBSCRIPTION_NOT_FOUND");
}

TEST_F(CatalogTest, AChangedPatternReplacesTheOldOneAlsoAfterARestart) {
    const auto one = add(subscription("one", {"order.*"}));
    clock.advance(Millis{5});
    run(catalog->subscriptions().change(one->id, [](Subscription& each, TimePoint) -> Result<void> {
        each.event_types[0].event_type_code = EventTypePattern::parse("payment.*").value();
        each.headers["X-Shop"] = "7";
        return {};
    })).value();
    catalog.reset();
    reopen_store();
    start();
    EXPECT_EQ(matched("order.created"), "");
    EXPECT_EQ(matched("payment.made"), "one ");
    const auto stored = catalog->find_subscription(one->id);
    EXPECT_EQ(stored->headers.at("X-Shop"), "7");
    EXPECT_EQ(stored->created_at, one->created_at);
    EXPECT_EQ(stored->updated_at - stored->created_at, Millis{5}) << "B-31: a change moves updatedAt";
}

TEST_F(CatalogTest, ListenersHearOfEachChange) {
    std::string heard;
    catalog->on_subscription([&](const SubscriptionPtr& one, bool removed) {
        heard += one->code.text() + (removed ? " gone," : one->holds.empty() ? " here," : " held,");
    });
    const auto one = add(subscription("one", {"order.*"}));
    run(catalog->pause(one->id, "")).value();
    run(catalog->subscriptions().remove(one->id, [](auto&, auto) -> Result<void> { return {}; })).value();
    EXPECT_EQ(heard, "one here,one held,one gone,");
}

TEST_F(CatalogTest, ChangesTakeTurnsSoThatNoneIsLost) {
    const auto one = add(subscription("one", {"order.*"}));
    const auto count = [](Subscription& each, TimePoint) -> Result<void> {
        ++each.sequence;
        return {};
    };
    int left = 10;
    for (int i = 0; i < 10; ++i) {
        auto change = catalog->subscriptions().change(one->id, count);
        boost::asio::co_spawn(io, std::move(change), [&](auto...) { --left; });
    }
    io.restart();
    while (left > 0) io.run_one();
    EXPECT_EQ(catalog->find_subscription(one->id)->sequence, one->sequence + 10);
}

TEST_F(CatalogTest, FindsAPoolByIdOrCodeTheClientsOwnFirst) {
    DispatchPool own;
    own.client_id = shop;
    own.code = Code::parse("default").value();
    const auto pool =
        run(catalog->pools().insert(own, [](auto&, auto) -> Result<void> { return {}; })).value();
    EXPECT_EQ(catalog->find_pool(shop, "default"), pool);
    EXPECT_EQ(catalog->find_pool(shop, pool->id.to_string()), pool);
    EXPECT_EQ(catalog->find_pool(other, "default"), catalog->default_pool());
    EXPECT_EQ(catalog->find_pool(Tsid{}, "DEFAULT-POOL"), catalog->default_pool());
    EXPECT_EQ(catalog->find_pool(other, pool->id.to_string()), nullptr);
    EXPECT_EQ(catalog->find_pool(shop, "nothing"), nullptr);
    EXPECT_EQ(catalog->find_pool(Tsid{}), catalog->default_pool());
    EXPECT_EQ(pool_key(*pool), pool->id.to_string());
}

TEST_F(CatalogTest, JobsOfAPoolThatIsGoneOrArchivedRunInTheirOwnersPool) {
    const auto add_pool = [&](const char* code) {
        DispatchPool pool;
        pool.code = Code::parse(code).value();
        return run(catalog->pools().insert(pool, [](auto&, auto) -> Result<void> { return {}; })).value();
    };
    const auto own = add_pool("own");
    const auto slow = add_pool("slow");
    auto one = subscription("one", {"order.*"});
    one.dispatch_pool_id = own->id;
    const auto owner = add(one)->id;
    EXPECT_EQ(catalog->pool_of(owner, slow->id), slow);
    run(catalog->pools().change(slow->id, archive)).value();
    EXPECT_EQ(catalog->pool_of(owner, slow->id), own);
    run(catalog->pools().remove(slow->id, [](auto&, auto) -> Result<void> { return {}; })).value();
    EXPECT_EQ(catalog->pool_of(owner, slow->id), own);
    EXPECT_EQ(catalog->pool_of(owner, Tsid{}), own);
}

}  // namespace
}  // namespace fc::messaging
