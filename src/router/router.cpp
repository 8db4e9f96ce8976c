#include "router/router.h"

#include "runtime/log.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace fc::router {

namespace asio = boost::asio;

namespace {

constexpr asio::use_awaitable_t<Executor> use_task{};
constexpr std::string_view default_key = "default";
/// What older producers call the platform's pool.
constexpr std::string_view default_alias = "DEFAULT-POOL";
constexpr Millis loops_deadline{2'000};

}  // namespace

Router::Router(RouterSettings settings, Parts parts)
    : settings_(settings),
      parts_(std::move(parts)),
      pointers_(Pointers::Parts{
          .executor = parts_.executor,
          .clock = parts_.clock,
          .mediator = parts_.mediator,
          .warnings = &warnings_,
          .metrics = parts_.metrics.pipeline,
          .find_pool = [this](const std::string& name) { return pool_for(name); }}),
      deliveries_(parts_.executor, "deliveries"),
      loops_(parts_.executor, "router"),
      stopped_(parts_.executor) {
    stopped_.expires_at(Timer::time_point::max());
    handlers_.own_jobs = parts_.own_jobs;
    handlers_.pointers.run = [this](Work work, Permit permit) {
        return pointers_.run(std::move(work), std::move(permit));
    };
    put_pool(PoolConfig{.key = std::string{default_key}, .aliases = {}, .limits = settings_.default_pool})
        .value();
}

Router::~Router() {
    for (auto& [key, entry] : pools_) entry.runner->close();
}

Task<> Router::run() {
    if (stopping_) co_return;
    running_ = true;
    if (parts_.queue != nullptr) {
        for (const auto& [key, entry] : pools_) consume_subject(queue::PoolSubject::of_pool(key));
        loops_.spawn(discover());
        loops_.spawn(extend());
    }
    while (running_) {
        boost::system::error_code woken;
        co_await stopped_.async_wait(asio::redirect_error(use_task, woken));
    }
}

Task<> Router::stop(Millis deadline) {
    stopping_ = true;
    loops_.cancel();
    co_await loops_.drain(loops_deadline);
    for (auto& [key, entry] : pools_) {
        entry.runner->close();
        entry.runner->drop_all();
    }
    const bool in_time = co_await deliveries_.drain(deadline);
    if (!in_time) log::warn("deliveries cancelled at the deadline of the stop");
    // What was put back meanwhile, and the pointers that waited behind others.
    for (auto& [key, entry] : pools_) entry.runner->drop_all();
    pointers_.give_back_all();
    running_ = false;
    stopped_.cancel();
}

Pool::Push Router::submit(std::string_view pool_key, Work work) {
    FC_ASSERT(!is_pointer(work), "a lane of ours has no pointer bit");
    if (stopping_) return Pool::Push::closed;
    return pool_for(pool_key)->submit(std::move(work));
}

PoolRunner* Router::find_pool(std::string_view name) {
    auto found = pools_.find(name);
    if (found == pools_.end()) {
        const auto named = names_.find(name);
        if (named == names_.end()) return nullptr;
        found = pools_.find(named->second);
    }
    return found->second.runner.get();
}

std::shared_ptr<PoolRunner> Router::pool_for(std::string_view name) {
    if (PoolRunner* pool = find_pool(name); pool != nullptr) {
        if (!pools_.find(pool->key())->second.draining) return pool->shared_from_this();
    }
    const std::string_view wanted = name.empty() ? default_key : name;
    if (wanted != default_key) {
        warn("ROUTING", Severity::warning, "no pool '" + std::string{name} + "', used 'default' instead");
    }
    return pools_.find(default_key)->second.runner;
}

PoolRunner::Parts Router::runner_parts() {
    return PoolRunner::Parts{
        .executor = parts_.executor,
        .clock = parts_.clock,
        .tasks = &deliveries_,
        .handlers = &handlers_,
        .metrics = parts_.metrics.pool,
        .quotas = &quotas_};
}

Result<void> Router::put_pool(PoolConfig config) {
    const auto found = pools_.find(config.key);
    if (found != pools_.end()) {
        // A pool that is configured again while it drains stays.
        found->second.draining = false;
        found->second.runner->when_idle(nullptr);
        found->second.runner->configure(std::move(config));
        index_names();
        return {};
    }
    if (pools_.size() >= settings_.pools_max) {
        const std::string detail = "there are " + std::to_string(settings_.pools_max) + " pools already";
        warn("POOL_LIMIT", Severity::critical, "pool '" + config.key + "' was not created: " + detail);
        return unavailable("POOL_LIMIT", detail);
    }
    const std::string key = config.key;
    pools_.emplace(key, Entry{.runner = std::make_shared<PoolRunner>(std::move(config), runner_parts())});
    index_names();
    if (running_ && parts_.queue != nullptr) consume_subject(queue::PoolSubject::of_pool(key));
    return {};
}

bool Router::remove_pool(std::string_view key) {
    const auto found = pools_.find(key);
    if (found == pools_.end() || key == default_key) return false;
    found->second.draining = true;
    index_names();
    const auto runner = found->second.runner;
    runner->when_idle([this, name = std::string{key}] {
        pools_.erase(name);
        index_names();
    });
    return true;
}

void Router::sync_pools(std::vector<PoolConfig> configs) {
    std::set<std::string> wanted;
    for (PoolConfig& config : configs) {
        wanted.insert(config.key);
        if (auto put = put_pool(std::move(config)); !put) {
            log::error("pool not created", {{"error", put.error().detail}});
        }
    }
    std::vector<std::string> gone;
    for (const auto& [key, entry] : pools_) {
        if (!wanted.contains(key) && !entry.draining) gone.push_back(key);
    }
    for (const std::string& key : gone) remove_pool(key);
}

void Router::index_names() {
    names_.clear();
    names_.emplace(default_alias, default_key);
    std::size_t capacity = 0;
    for (const auto& [key, entry] : pools_) {
        capacity += entry.runner->config().pointers_max;
        if (entry.draining) continue;
        // The first of two pools of the same code (two tenants') wins: keys are what should be on the wire.
        for (const std::string& alias : entry.runner->config().aliases) names_.emplace(alias, key);
    }
    parts_.metrics.pipeline.total_capacity.set(static_cast<double>(capacity));
}

std::optional<StartWait> Router::wait_of(std::string_view pool_key, std::uint64_t job) const {
    const auto found = pools_.find(pool_key);
    if (found == pools_.end()) return std::nullopt;
    return found->second.runner->pool().wait_of(job, parts_.clock->now());
}

std::vector<PoolReport> Router::pools() const {
    std::vector<PoolReport> reports;
    reports.reserve(pools_.size());
    for (const auto& [key, entry] : pools_) {
        reports.push_back(PoolReport{
            .key = key,
            .stats = entry.runner->pool().stats(),
            .pointers_room = pointers_.room(*entry.runner),
            .last_activity = entry.runner->last_activity(),
            .draining = entry.draining});
    }
    return reports;
}

void Router::consume_subject(const queue::PoolSubject& subject) {
    if (stopping_ || !subjects_.insert(subject).second) return;
    consumers_.push_back(ConsumerReport{.subject = subject.tokens(), .pool_key = subject.pool_key()});
    loops_.spawn(consume(subject, consumers_.size() - 1));
}

Task<> Router::consume(queue::PoolSubject subject, std::size_t report) {
    Millis pause = settings_.broker_retry_first;
    while (!stopping_) {
        const TimePoint began = parts_.clock->now();
        try {
            co_await parts_.queue->stream();  // made where it is missing, after a loss too
            auto consumer = co_await parts_.queue->take_pool(subject);
            co_await fetch_from(std::move(consumer), report);
        } catch (const boost::system::system_error& error) {
            if (stopping_ || error.code() == queue::QueueErrc::stopped) co_return;
            parts_.metrics.consumer.restarts_total.increment();
            log::warn("pointers cannot be fetched", {{"subject", subject.tokens()}, {"error", error.what()}});
        }
        // One that worked for a while failed anew: its next try is soon.
        if (parts_.clock->now() - began > settings_.broker_retry_max) pause = settings_.broker_retry_first;
        co_await wait(pause);
        pause = std::min(pause * 2, settings_.broker_retry_max);
    }
}

Task<> Router::fetch_from(std::unique_ptr<queue::Consumer> consumer, std::size_t report) {
    const std::string pool_key = consumers_[report].pool_key;
    while (!stopping_) {
        const auto pool = pool_for(pool_key);
        co_await pointers_.wait_for_room(pool);
        const std::size_t count = std::min(settings_.fetch_max, pointers_.room(*pool));
        auto batch = co_await consumer->fetch(count, settings_.fetch_wait);
        consumers_[report].last_poll = parts_.clock->now();
        const auto fed = pointers_.accept(std::move(batch), pool_key);
        for (const auto& filled : fed) co_await pointers_.wait_for_room(filled);
    }
}

Task<> Router::discover() {
    while (!stopping_) {
        try {
            const auto present = co_await parts_.queue->subjects();
            for (const auto& backlog : present) consume_subject(backlog.subject);
        } catch (const boost::system::system_error& error) {
            if (stopping_ || error.code() == queue::QueueErrc::stopped) co_return;
            log::debug("subjects cannot be listed", {{"error", error.what()}});
        }
        co_await wait(settings_.discover_interval);
    }
}

Task<> Router::extend() {
    while (!stopping_) {
        co_await wait(settings_.extend_interval);
        pointers_.extend_all();
        warnings_.acknowledge_old(parts_.clock->now());
    }
}

Task<> Router::wait(Millis time) {
    Timer timer{parts_.executor};
    timer.expires_after(time);
    co_await timer.async_wait(use_task);
}

void Router::warn(std::string category, Severity severity, std::string message) {
    warnings_.add(
        {.category = std::move(category),
         .severity = severity,
         .message = std::move(message),
         .source = "router"},
        parts_.clock->now());
}

}  // namespace fc::router
