#include "messaging/message_metrics.h"

#include "runtime/log.h"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <map>

namespace fc::messaging {
namespace {

constexpr int pause_factor = 50;
constexpr Millis pause_min{1'000};
constexpr Millis pause_max{60'000};

using Values = std::map<metrics::Labels, double>;

struct Waiting {
    std::int64_t jobs = 0;
    TimePoint oldest = TimePoint::max();

    void add(const store::Backlog& backlog) {
        jobs += backlog.jobs;
        oldest = std::min(oldest, backlog.oldest);
    }
};

std::string label_of(Tsid client) {
    return client ? client.to_string() : "";
}

MessageGauges registered(metrics::Registry& registry) {
    MessageGauges gauges;
    registry.add("", gauges);
    return gauges;
}

}  // namespace

MessageMetrics::MessageMetrics(Parts parts, metrics::Registry& registry)
    : MessageMetrics(parts, registry, registered(registry)) {}

MessageMetrics::MessageMetrics(Parts parts, metrics::Registry& registry, const MessageGauges& gauges)
    : parts_(parts),
      timer_(parts.executor),
      sampled_at_(parts.clock->now()),
      pending_(gauges.scheduler_jobs_pending),
      pool_jobs_(gauges.pool_jobs),
      client_events_(gauges.client_events),
      pool_backlog_(gauges.pool_backlog_jobs),
      pool_age_(gauges.pool_backlog_oldest_age_seconds),
      subscription_backlog_(gauges.subscription_backlog_jobs),
      subscription_age_(gauges.subscription_backlog_oldest_age_seconds) {
    registry.add_gauge("backlog_sample_age_seconds", "since tallies and backlogs were read", [this] {
        return static_cast<double>((parts_.clock->now() - sampled_at_).count()) / 1e3;
    });
}

Task<> MessageMetrics::run() {
    while (!stopping_) {
        const auto started = parts_.clock->now();
        try {
            co_await sample();
        } catch (const std::exception& failure) {
            if (!stopping_) log::warn("cannot read the backlog", {{"reason", failure.what()}});
        }
        if (stopping_) co_return;
        timer_.expires_after(
            std::clamp(pause_factor * (parts_.clock->now() - started), pause_min, pause_max));
        boost::system::error_code cancelled;
        auto token = boost::asio::redirect_error(use_task, cancelled);
        co_await timer_.async_wait(token);
    }
}

Task<> MessageMetrics::stop(Millis) {
    stopping_ = true;
    timer_.cancel();
    co_return;
}

Task<> MessageMetrics::sample() {
    const auto tallies = co_await parts_.store->messages().tallies();
    const auto backlogs = co_await parts_.store->search().backlogs();
    sampled_at_ = parts_.clock->now();
    show_tallies(tallies);
    show_backlogs(backlogs);
}

void MessageMetrics::show_tallies(const store::TallySheet& tallies) {
    Values pools;
    for (const auto& [id, tally] : tallies.pools) {
        const auto pool = parts_.catalog->find_pool(id);
        if (!pool) continue;
        const auto open = tally.created - tally.completed - tally.error - tally.cancelled;
        const auto add = [&, key = pool_key(*pool)](const char* state, std::int64_t count) {
            pools[{{"pool_code", key}, {"state", state}}] += static_cast<double>(count);
        };
        add("created", tally.created);
        add("completed", tally.completed);
        add("error", tally.error);
        add("cancelled", tally.cancelled);
        add("open", open);
    }
    pool_jobs_.show(pools);
    Values clients;
    for (const auto& [id, tally] : tallies.clients) {
        const auto add = [&, client = label_of(id)](const char* state, std::int64_t count) {
            clients[{{"client_id", client}, {"state", state}}] = static_cast<double>(count);
        };
        add("accepted", tally.accepted);
        add("with_jobs", tally.with_jobs);
        add("without_match", tally.without_match);
    }
    client_events_.show(clients);
}

void MessageMetrics::show_backlogs(const std::vector<store::Backlog>& backlogs) {
    const auto now = parts_.clock->now();
    std::map<metrics::Labels, Waiting> pools;
    std::map<metrics::Labels, Waiting> subscriptions;
    std::int64_t pending = 0;
    for (const auto& pool : parts_.catalog->pools().all()) pools[{{"pool_code", pool_key(*pool)}}];
    for (const auto& backlog : backlogs) {
        pending += backlog.jobs;
        if (const auto pool = parts_.catalog->find_pool(backlog.counted_pool))
            pools[{{"pool_code", pool_key(*pool)}}].add(backlog);
        if (const auto subscription = parts_.catalog->find_subscription(backlog.owner)) {
            subscriptions[{{"client_id", label_of(subscription->client_id)},
                           {"subscription", subscription->code.text()}}]
                .add(backlog);
        }
    }
    const auto show = [now](const auto& all, metrics::GaugeSet& jobs, metrics::GaugeSet& ages) {
        Values counts;
        Values seconds;
        for (const auto& [labels, waiting] : all) {
            counts[labels] = static_cast<double>(waiting.jobs);
            const auto age = waiting.jobs > 0 ? now - waiting.oldest : Millis{0};
            seconds[labels] = std::max(0.0, static_cast<double>(age.count()) / 1e3);
        }
        jobs.show(counts);
        ages.show(seconds);
    };
    show(pools, pool_backlog_, pool_age_);
    show(subscriptions, subscription_backlog_, subscription_age_);
    pending_.set(static_cast<double>(pending));
}

}  // namespace fc::messaging
