#include "product.h"

#include "api.h"
#include "base/encoding.h"
#include "base/random.h"
#include "http/openapi.h"
#include "http/server.h"
#include "messaging/catalog.h"
#include "messaging/delivery/delivery.h"
#include "messaging/message_metrics.h"
#include "messaging/retention.h"
#include "queue/nats/linked_server.h"
#include "queue/nats/nats_queue.h"
#include "router/http_mediator.h"
#include "router/router.h"
#include "runtime/blocking_pool.h"
#include "runtime/clock.h"
#include "runtime/descriptors.h"
#include "runtime/log.h"
#include "scheduler/memory_hand_over.h"
#include "scheduler/queue_hand_over.h"
#include "secrets.h"
#include "store/embedded/data_directory.h"
#include "store/embedded/embedded_store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <future>

namespace fc::app {
namespace {

constexpr std::size_t blocking_threads = 4;
/// What the broker may hold of our own pointers; the rest waits in the store.
constexpr std::size_t pointers_out_max = 10'000;

std::string base_url(const Settings& settings) {
    if (!settings.external_base_url.empty()) return settings.external_base_url;
    return "http://localhost:" + std::to_string(settings.http.port.value());
}

http::ServerSettings server_settings(const Settings& settings) {
    auto server = settings.http;
    // Development mode seeds an administrator: nobody else is to reach it.
    if (settings.dev) server.bind_address = "127.0.0.1";
    // The rest is for deliveries, the store and the broker.
    using Connections = decltype(server.connections_max);
    const auto possible = raise_descriptor_limit() / 5 * 4;
    if (possible < static_cast<std::size_t>(server.connections_max.value())) {
        server.connections_max = Connections::parse(static_cast<std::int64_t>(possible)).value();
        log::info("as many connections as open files allow", {{"connections", possible}});
    }
    return server;
}

http::ClientSettings client_settings(const Settings& settings) {
    http::ClientSettings client;
    client.egress.allowed = http::Cidr::parse_list(settings.egress_allow).value();
    client.egress.loopback_allowed = settings.dev;
    return client;
}

router::PoolConfig pool_config(const messaging::DispatchPool& pool) {
    router::PoolConfig config;
    config.key = messaging::pool_key(pool);
    if (!pool.client_id) config.aliases.push_back(pool.code.text());
    if (config.key == "default") config.aliases = {"DEFAULT-POOL"};
    config.limits.concurrency = static_cast<std::uint32_t>(pool.concurrency.value());
    if (pool.rate_limit_per_min) config.limits.rate_per_minute = pool.rate_limit_per_min->value();
    // The lane book bounds what is in memory.
    config.limits.queued_max = config.limits.lane_queued_max = std::numeric_limits<std::size_t>::max();
    config.suspended = pool.holds_jobs();
    return config;
}

router::LaneLimits lane_limits(const messaging::Subscription& subscription) {
    router::LaneLimits limits;
    if (subscription.concurrency)
        limits.concurrency = static_cast<std::uint32_t>(subscription.concurrency->value());
    if (subscription.rate_limit_per_min) limits.rate_per_minute = subscription.rate_limit_per_min->value();
    return limits;
}

/// Where no token is set, one that nobody is told: every call is refused.
Secret nobodys_token() {
    return Secret(to_hex(random_bytes(32)));
}

/// All parts, in the order in which each needs those before it.
class Product {
public:
    explicit Product(const Settings& settings);
    int run();

private:
    std::unique_ptr<store::Store> open_store();
    void add_metrics();
    http::CheckResult store_check() const;
    void open_queue();
    void load();
    Task<> load_entities();
    Task<> make_stream();
    router::Router::Parts router_parts();
    std::map<std::string, messaging::PoolLoad> pool_loads() const;
    router::HttpMediatorSettings mediator_settings() const;
    http::RouteTable route_table();
    Secret admin_token() const;
    Task<> pause_gone(Tsid subscription, std::string reason);
    void greet() const;

    const Settings& settings_;
    store::sqlite::DataDirectory directory_;
    Secret app_key_;
    Secret admin_token_;
    boost::asio::io_context io_{1};
    SystemClock clock_;
    BlockingPool threads_{blocking_threads};
    metrics::Registry registry_;
    std::unique_ptr<store::Store> store_;
    TsidGenerator ids_;
    std::unique_ptr<queue::LinkedNatsServer> nats_;
    std::unique_ptr<queue::Queue> queue_;
    messaging::Catalog catalog_;
    http::Client client_;
    http::BreakerRegistry breakers_;
    messaging::Delivery delivery_;
    scheduler::Scheduler scheduler_;
    messaging::BulkRunner bulk_;
    scheduler::MemoryHandOver memory_;
    router::RouterMetrics router_metrics_;
    router::HttpMediator http_mediator_;
    std::optional<scheduler::QueueHandOver> pointers_;
    std::optional<router::Router> router_;
    messaging::Retention retention_;
    messaging::MessageMetrics message_metrics_;
    Api api_;
    http::RouteTable routes_;
    http::TokenAuthenticator authenticator_;
    http::Server server_;
};

Product::Product(const Settings& settings)
    : settings_(settings),
      directory_(settings.data_dir),
      app_key_(
          settings.app_key.empty() ? load_or_make_secret(directory_.path() / "app-key") : settings.app_key),
      admin_token_(admin_token()),
      store_(open_store()),
      ids_(clock_, store_->id_floor()),
      catalog_(store_->documents(), clock_, ids_),
      client_(io_.get_executor(), client_settings(settings)),
      delivery_(
          {.timestamp_format = static_cast<messaging::TimestampFormat>(settings.webhook_timestamp_format)},
          {&client_, &catalog_, &breakers_, &clock_, &ids_}),
      scheduler_(
          settings.dispatch_handover == HandOverType::queue ? scheduler::LaneLimits{.jobs = pointers_out_max}
                                                            : scheduler::LaneLimits{},
          {io_.get_executor(),
           &clock_,
           &store_->messages(),
           &catalog_,
           &delivery_,
           [this](Tsid id, std::string reason) { return pause_gone(id, std::move(reason)); },
           seconds{1},
           registry_.add_counter("scheduler_jobs_scheduled_total")}),
      bulk_(
          {io_.get_executor(),
           &store_->documents(),
           {&store_->messages(), &store_->search(), &scheduler_, &catalog_, &clock_, &ids_}}),
      memory_(scheduler_),
      http_mediator_(mediator_settings(), {io_.get_executor(), &clock_, &client_}),
      retention_(
          {settings.event_retention, settings.job_retention},
          {io_.get_executor(), &clock_, &store_->messages()},
          &registry_),
      message_metrics_({io_.get_executor(), &clock_, store_.get(), &catalog_}, registry_),
      api_(
          {&store_->messages(),
           &catalog_,
           &scheduler_,
           &clock_,
           &ids_,
           &client_.egress(),
           &app_key_,
           &store_->search(),
           &bulk_,
           &breakers_,
           [this] { return pool_loads(); }}),
      routes_(route_table()),
      authenticator_(
          admin_token_.empty() ? nobodys_token() : admin_token_,
          http::administrator(Id<Principal>(ids_.next()), "administrator")),
      server_(io_, server_settings(settings), routes_, authenticator_, &registry_) {
    server_.shed_while([this] { return store_->write_wait() > settings_.ingest_wait_max; });
    add_metrics();
    api_.health().add("Store", [this] { return store_check(); });
    open_queue();
    router_.emplace(router::RouterSettings{}, router_parts());
    memory_.set_router(*router_);
    load();
}

std::unique_ptr<store::Store> Product::open_store() {
    auto store = store::open_embedded_store(
        {.path = store_file(settings_), .registry = &registry_}, io_, threads_, clock_);
    // The wall clock may have been set back since: waits and ages of the stored jobs are not to grow by that.
    const auto behind = store->latest() - clock_.now();
    if (behind > Millis{0}) {
        log::warn(
            "the clock is behind what is stored, time goes on from there",
            {{"seconds", static_cast<double>(behind.count()) / 1e3}});
        clock_.go_on_from(store->latest());
    }
    return store;
}

void Product::add_metrics() {
    router_metrics_.add_to(registry_);
    api_.add_to(registry_);
    delivery_.add_to(registry_);
    registry_.add_gauge("scheduler_jobs_in_memory", "open jobs in memory", [this] {
        return static_cast<double>(scheduler_.in_memory());
    });
    registry_.add_gauge("store_write_wait_seconds", "how long a write would wait now", [this] {
        return std::chrono::duration<double>(store_->write_wait()).count();
    });
    registry_.add_gauge("delivery_circuit_breakers_open", "targets that are given a rest", [this] {
        return static_cast<double>(breakers_.not_closed());
    });
}

http::CheckResult Product::store_check() const {
    const auto outage = store_->outage();
    if (!outage) return {};
    return {false, {{"error", outage->code}, {"detail", outage->detail}}};
}

Secret Product::admin_token() const {
    if (!settings_.admin_token.empty() || !settings_.dev) return settings_.admin_token;
    return load_or_make_secret(directory_.path() / "dev-token");
}

void Product::open_queue() {
    queue::NatsConfig config;
    config.url = settings_.nats_url;
    if (settings_.queue_type == QueueType::embedded) {
        queue::LinkedServerConfig server;
        server.port = static_cast<std::uint16_t>(settings_.nats_port.value());
        server.directory =
            settings_.nats_data_dir.empty() ? (directory_.path() / "nats").string() : settings_.nats_data_dir;
        nats_ = queue::LinkedNatsServer::start(server).value();
        config.url = nats_->url();
        config.server_id = nats_->server_id();
    }
    const auto type = settings_.queue_type == QueueType::embedded ? "embedded" : "nats";
    queue_ = queue::open_nats_queue(std::move(config), io_, queue::QueueMetrics::of(registry_, type));
    api_.health().add("NATS", [this] { return http::CheckResult{queue_->is_connected(), {}}; });
}

router::HttpMediatorSettings Product::mediator_settings() const {
    router::HttpMediatorSettings mediator;
    const auto targets = settings_.router_targets.empty() ? base_url(settings_) : settings_.router_targets;
    mediator.targets = router::RouterTargets::parse(targets).value();
    return mediator;
}

router::Router::Parts Product::router_parts() {
    router::Router::Parts parts{io_.get_executor(), &clock_};
    parts.own_jobs = memory_.handler();
    parts.queue = queue_.get();
    parts.metrics = router_metrics_;
    parts.mediator = &http_mediator_;
    scheduler_.hand_over_to(memory_);
    if (settings_.dispatch_handover == HandOverType::queue) {
        scheduler::QueueHandOverSettings own{
            base_url(settings_) + "/api/dispatch/process", app_key_, ids_.next()};
        pointers_.emplace(
            std::move(own),
            scheduler::QueueHandOver::Parts{io_.get_executor(), &scheduler_, queue_.get(), &http_mediator_});
        parts.mediator = &*pointers_;
        scheduler_.hand_over_to(*pointers_);
    }
    return parts;
}

std::map<std::string, messaging::PoolLoad> Product::pool_loads() const {
    std::map<std::string, messaging::PoolLoad> loads;
    for (const auto& pool : router_->pools()) {
        loads[pool.key] = {
            static_cast<std::int64_t>(pool.stats.queued), static_cast<std::int64_t>(pool.stats.active)};
    }
    return loads;
}

void Product::load() {
    catalog_.on_pool([this](const messaging::PoolPtr& pool, bool removed) {
        if (removed)
            router_->remove_pool(messaging::pool_key(*pool));
        else
            router_->put_pool(pool_config(*pool)).value();
    });
    catalog_.on_subscription([this](const messaging::SubscriptionPtr& subscription, bool removed) {
        router_->limit_lane(
            subscription->id.value, removed ? router::LaneLimits{} : lane_limits(*subscription));
    });
    auto loaded = boost::asio::co_spawn(io_, load_entities(), boost::asio::use_future);
    // The broker's connection keeps the context busy, so it does not run out of work.
    while (loaded.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io_.run_one();
    loaded.get();
}

Task<> Product::load_entities() {
    co_await catalog_.load();
    co_await bulk_.load();
    if (nats_) co_await make_stream();
}

/// Who reads "ready" finds the stream of the linked server. The router makes it, too, after a loss.
Task<> Product::make_stream() {
    try {
        co_await queue_->stream();
    } catch (const boost::system::system_error& failure) {
        log::warn("the stream of the linked server is not there yet", {{"error", failure.what()}});
    }
}

http::RouteTable Product::route_table() {
    auto routes = api_.routes(registry_);
    http::add_api_document(routes, api_info());
    return http::RouteTable(routes.take());
}

Task<> Product::pause_gone(Tsid subscription, std::string reason) {
    log::warn("subscription paused", {{"subscription", subscription}, {"reason", reason}});
    const auto paused = co_await catalog_.pause(subscription, std::move(reason));
    if (!paused) log::info("subscription was not paused", {{"reason", paused.error().detail}});
}

void Product::greet() const {
    const auto url = "http://localhost:" + std::to_string(server_.port());
    log::info("ready", {{"url", url}, {"data", directory_.path().string()}});
    if (settings_.dev) {
        std::printf("FlowCatalyst is ready at %s (API: %s/swagger, Ctrl-C ends)\n", url.c_str(), url.c_str());
        std::printf(
            "Try, in another terminal, with the token of the development administrator:\n"
            "  export TOKEN=%s\n"
            "  curl -X POST %s/api/events -H \"Authorization: Bearer $TOKEN\" \\\n"
            "       -d '{\"type\": \"order.created\", \"source\": \"order-service\", \"data\": "
            "\"{\\\"orderId\\\": "
            "\\\"123\\\"}\"}'\n",
            admin_token_.reveal().c_str(),
            url.c_str());
    } else if (admin_token_.empty()) {
        log::warn("no FLOWCATALYST_ADMIN_TOKEN is set: every call of the API is refused");
    }
    std::fflush(stdout);
}

int Product::run() {
    greet();
    // Stopped in reverse. The scheduler before the router, which waits for deliveries: those whose outcome
    // the store refuses give up then.
    std::vector<Service*> services{&*router_, &scheduler_, &retention_, &bulk_, &message_metrics_, &server_};
    const int status = run_services(io_, std::move(services));
    client_.stop();
    queue_->stop();
    log::info("stopped");
    return status;
}

}  // namespace

int serve(const codec::Settings<Settings>& settings) {
    return Product(settings.value).run();
}

}  // namespace fc::app
