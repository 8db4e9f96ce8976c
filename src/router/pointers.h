#pragma once

#include "protocol/dispatch_message.h"
#include "queue/queue.h"
#include "router/group_queue.h"
#include "router/mediator.h"
#include "router/pool_runner.h"
#include "router/warnings.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace fc::router {

/// A pointer that the router holds, for the monitoring view.
struct HeldPointer {
    std::string message_id;
    std::string broker_message_id;
    std::string pool_key;
    std::string message_group;
    TimePoint accepted_at{};
};

/// Other producers' pointers, from fetch to settlement: drops malformed ones, holds each job id once, keeps
/// groups in order, hands heads to their pool, extends what takes long, and settles with the broker before it
/// forgets.
class Pointers {
public:
    static constexpr Millis fast_fail_delay{
        10'000};                                ///< for what was not tried because an earlier one failed
    static constexpr Millis stop_delay{1'000};  ///< for what a stopping router gives back

    struct Parts {
        Executor executor;
        const Clock* clock;
        Mediator* mediator;
        Warnings* warnings;
        PipelineMetrics metrics;
        /// The pool that a pointer names (`default` for an unknown one).
        std::function<std::shared_ptr<PoolRunner>(const std::string& name)> find_pool;
    };
    explicit Pointers(Parts parts);

    /// Takes one fetched batch, in order, and says which pools got something. `subject_pool` serves pointers
    /// that name no pool.
    std::vector<std::shared_ptr<PoolRunner>> accept(
        std::vector<std::unique_ptr<queue::QueueMessage>> batch, std::string subject_pool);
    /// How many more pointers the pool should get.
    std::size_t room(const PoolRunner& pool) const;
    Task<> wait_for_room(std::shared_ptr<PoolRunner> pool);

    Task<> run(Work work, Permit permit);
    void extend_all();
    /// Nacks everything held, in order of acceptance.
    void give_back_all();

    std::size_t held() const { return flights_.size(); }
    /// The longest held first.
    std::vector<HeldPointer> list(std::size_t limit) const;

private:
    struct Flight {
        std::uint64_t job = 0;
        std::uint64_t batch = 0;
        std::unique_ptr<queue::QueueMessage> message;
        protocol::DispatchMessage pointer;
        std::string broker_id;
        PoolRunner* pool = nullptr;  ///< lives while it has work, and so as long as this
        TimePoint accepted_at{};
    };
    struct Holding {
        GroupQueue groups;
        std::size_t held = 0;
    };

    std::shared_ptr<Flight> take(
        std::unique_ptr<queue::QueueMessage> message, const std::string& subject_pool);
    void refuse_malformed(queue::QueueMessage& message, const Error& error);
    bool is_known(std::unique_ptr<queue::QueueMessage>& message, const protocol::DispatchMessage& pointer);
    void start(std::shared_ptr<Flight> flight);
    void settle(const std::shared_ptr<Flight>& flight, const Mediation& outcome);
    void nack_untried(std::uint64_t job, Millis delay);
    void forget(const Flight& flight);
    void warn(std::string category, Severity severity, std::string message);

    Parts parts_;
    Timer room_;
    std::uint64_t last_job_ = 0;
    std::uint64_t last_batch_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Flight>> flights_;  ///< by job: in order of acceptance
    std::unordered_map<std::string, std::uint64_t> by_broker_id_;
    std::unordered_map<std::string, std::uint64_t> by_message_id_;
    std::unordered_map<std::string, Holding> holdings_;  ///< by pool key
};

}  // namespace fc::router
