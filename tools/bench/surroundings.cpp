#include "bench/surroundings.h"

#include "bench/api_call.h"
#include "bench/generator.h"
#include "codec/json.h"

#include <algorithm>
#include <stdexcept>

namespace fc::bench {
namespace {

constexpr unsigned batch = 100;
constexpr unsigned groups = 1'000;

struct CreatePool {
    std::string code;
    std::string name;
    unsigned concurrency = 64;
};
BOOST_DESCRIBE_STRUCT(CreatePool, (), (code, name, concurrency))

/// Port 9 of this machine: nobody listens there.
CreateSubscription subscription_without_target(std::string name, std::string event_type) {
    return {
        .name = std::move(name),
        .event_types = {std::move(event_type)},
        .target_url = "http://127.0.0.1:9/nobody"};
}

void subscribe_others(const Target& target, unsigned count) {
    std::vector<CreateSubscription> requests;
    for (unsigned n = 0; n < count; ++n) {
        const auto name = "other-" + std::to_string(n);
        requests.push_back(subscription_without_target(name, "bench." + name));
    }
    create_subscriptions(target, requests);
}

/// As many events as the product accepts of so many: it may refuse some for the moment.
std::uint64_t publish(const Target& target, const Load& load) {
    EventLoop loop;
    Checker checker{load.groups};
    Generator generator{loop, checker, load, target, make_run_tag()};
    generator.start(steady_now());
    while (!generator.is_done() || !generator.is_idle()) loop.run_once(generator.pump(steady_now()));
    if (checker.totals().accepted == 0)
        throw std::runtime_error("the open jobs were refused: " + generator.first_problem());
    return checker.totals().accepted;
}

}  // namespace

void prepare(const Target& target, const Surroundings& surroundings) {
    if (!surroundings.pool.empty()) {
        const CreatePool pool{.code = surroundings.pool, .name = surroundings.pool};
        call_api_often(target, {ApiCall{"POST /api/dispatch-pools", codec::to_json(pool)}});
    }
    subscribe_others(target, surroundings.other_subscriptions);
    if (surroundings.open_jobs == 0) return;
    Load load{.batch = batch, .groups = groups, .events = surroundings.open_jobs};
    load.event_type = "bench.backlog";
    load.window = static_cast<unsigned>(load.events) + load.connections * load.batch;
    auto request = subscription_without_target("backlog", load.event_type);
    if (surroundings.dead_target) {
        load.groups = 0;  // so that each of them is ready to be tried
        request.dispatch_pool_id = surroundings.pool;
    }
    const auto created = create_subscriptions(target, {request});
    if (!surroundings.dead_target)
        call_api_often(target, {ApiCall{"POST /api/subscriptions/" + created.front().id + "/pause", {}}});
    while (load.events > 0) {
        const auto accepted = publish(target, load);
        load.events -= std::min(accepted, load.events);
    }
}

}  // namespace fc::bench
