#include "router/pointers.h"

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

/// What fairness is between: the owners of our own jobs, the mediation targets of other producers.
std::uint64_t lane_of(const protocol::DispatchMessage& pointer, const Mediator& mediator) {
    const auto own = mediator.lane_of(pointer);
    return own.value_or(std::hash<std::string>{}(pointer.mediation_target)) | pointer_bit;
}

}  // namespace

Pointers::Pointers(Parts parts) : parts_(std::move(parts)), room_(parts_.executor) {
    room_.expires_at(Timer::time_point::max());  // a signal: whoever waits is woken by a cancel
}

std::vector<std::shared_ptr<PoolRunner>> Pointers::accept(
    std::vector<std::unique_ptr<queue::QueueMessage>> batch, std::string subject_pool) {
    ++last_batch_;
    std::vector<std::shared_ptr<PoolRunner>> fed;
    // All take their place before the first starts: one that fails at once must find the rest of its batch
    // waiting.
    std::vector<std::uint64_t> heads;
    for (auto& message : batch) {
        const auto flight = take(std::move(message), subject_pool);
        if (!flight) continue;
        auto pool = flight->pool->shared_from_this();
        if (std::ranges::find(fed, pool) == fed.end()) fed.push_back(std::move(pool));
        const GroupQueue::Entry entry{
            .job = flight->job,
            .group = flight->pointer.message_group_id,
            .batch = flight->batch,
            .high_priority = flight->pointer.high_priority};
        if (holdings_[flight->pool->key()].groups.push(entry)) heads.push_back(flight->job);
    }
    for (const std::uint64_t job : heads) start(flights_.at(job));
    parts_.metrics.map_size.set(static_cast<double>(flights_.size()));
    return fed;
}

std::shared_ptr<Pointers::Flight> Pointers::take(
    std::unique_ptr<queue::QueueMessage> message, const std::string& subject_pool) {
    parts_.metrics.received_total.increment();
    auto pointer = protocol::parse_dispatch_message(message->body());
    if (!pointer) {
        refuse_malformed(*message, pointer.error());
        return nullptr;
    }
    if (is_known(message, *pointer)) return nullptr;

    const auto pool = parts_.find_pool(pointer->pool_code.empty() ? subject_pool : pointer->pool_code);
    auto flight = std::make_shared<Flight>();
    flight->job = ++last_job_ | pointer_bit;
    flight->batch = last_batch_;
    flight->broker_id = message->id();
    flight->message = std::move(message);
    flight->pointer = std::move(*pointer);
    flight->pool = pool.get();
    flight->accepted_at = parts_.clock->now();
    flights_.emplace(flight->job, flight);
    by_broker_id_.emplace(flight->broker_id, flight->job);
    by_message_id_.emplace(flight->pointer.id, flight->job);
    ++holdings_[pool->key()].held;
    return flight;
}

void Pointers::refuse_malformed(queue::QueueMessage& message, const Error& error) {
    parts_.metrics.malformed_total.increment();
    std::string why = error.detail;
    for (const FieldError& field : error.fields) why += ' ' + field.pointer + ": " + field.detail;
    log::warn("malformed pointer dropped", {{"broker_id", message.id()}, {"error", why}});
    warn("MALFORMED_MESSAGE", Severity::warning, "a message on the queue is no pointer: " + why);
    message.ack();
}

/// A job already held is not started again. The same message delivered anew replaces the old delivery, so
/// that the settlement reaches the broker; another message of the same job is not needed and leaves the
/// queue.
bool Pointers::is_known(
    std::unique_ptr<queue::QueueMessage>& message, const protocol::DispatchMessage& pointer) {
    auto known = by_broker_id_.find(message->id());
    if (known != by_broker_id_.end()) {
        flights_.at(known->second)->message = std::move(message);
    } else if (known = by_message_id_.find(pointer.id); known != by_message_id_.end()) {
        message->ack();
    } else {
        return false;
    }
    parts_.metrics.deduplicated_total.increment();
    return true;
}

void Pointers::start(std::shared_ptr<Flight> flight) {
    PoolRunner& pool = *flight->pool;
    const auto lane = lane_of(flight->pointer, *parts_.mediator);
    Work work{.lane = lane, .job = flight->job, .retry = false, .payload = {}};
    work.payload = std::move(flight);
    const Pool::Push pushed = pool.submit(std::move(work));
    FC_ASSERT(pushed == Pool::Push::queued, "a pool has room for every pointer that was admitted");
}

std::size_t Pointers::room(const PoolRunner& pool) const {
    const auto found = holdings_.find(pool.key());
    const std::size_t held = found == holdings_.end() ? 0 : found->second.held;
    return pool.config().pointers_max - std::min(held, pool.config().pointers_max);
}

Task<> Pointers::wait_for_room(std::shared_ptr<PoolRunner> pool) {
    while (room(*pool) == 0) {
        boost::system::error_code woken;
        co_await room_.async_wait(asio::redirect_error(use_task, woken));
    }
}

Task<> Pointers::run(Work work, Permit permit) {
    const auto flight = std::static_pointer_cast<Flight>(work.payload);
    Mediation outcome{
        .verdict = Mediation::Verdict::failed, .delay = stop_delay, .until = {}, .reason = "cancelled"};
    try {
        protocol::DispatchMessage pointer = flight->pointer;
        outcome = co_await parts_.mediator->mediate(std::move(pointer));
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) outcome.delay = fast_fail_delay;
        outcome.reason = error.what();
    } catch (const std::exception& error) {
        outcome.delay = fast_fail_delay;
        outcome.reason = error.what();
    }
    if (outcome.verdict == Mediation::Verdict::not_now) {
        permit.put_back(outcome.until);
        co_return;
    }
    settle(flight, outcome);
    permit.release(outcome.verdict == Mediation::Verdict::done);
}

void Pointers::settle(const std::shared_ptr<Flight>& flight, const Mediation& outcome) {
    if (!flights_.contains(flight->job)) return;  // given back by the stop meanwhile
    const bool failed = outcome.verdict == Mediation::Verdict::failed;
    if (failed) {
        log::warn("pointer failed", {{"id", flight->pointer.id}, {"reason", outcome.reason}});
        flight->message->nack(outcome.delay);
    } else {
        flight->message->ack();
    }
    const bool dropped = outcome.verdict == Mediation::Verdict::config_error;
    if (dropped) log::warn("pointer dropped", {{"id", flight->pointer.id}, {"reason", outcome.reason}});
    if (dropped || outcome.needs_attention) warn("CONFIGURATION", Severity::error, outcome.reason);
    auto& groups = holdings_.at(flight->pool->key()).groups;
    const auto finished = groups.finish(flight->pointer.message_group_id, flight->batch, failed);
    // Not before the failed one is back: else they would overtake it.
    for (const auto job : finished.nacked) nack_untried(job, std::max(outcome.delay, fast_fail_delay));
    if (finished.next) start(flights_.at(*finished.next));
    forget(*flight);
    room_.cancel();
}

void Pointers::nack_untried(std::uint64_t job, Millis delay) {
    const auto flight = flights_.at(job);
    flight->message->nack(delay);
    forget(*flight);
}

void Pointers::forget(const Flight& flight) {
    const auto holding = holdings_.find(flight.pool->key());
    if (--holding->second.held == 0) holdings_.erase(holding);
    by_broker_id_.erase(flight.broker_id);
    by_message_id_.erase(flight.pointer.id);
    flights_.erase(flight.job);
    parts_.metrics.map_size.set(static_cast<double>(flights_.size()));
}

void Pointers::extend_all() {
    for (const auto& [job, flight] : flights_) flight->message->extend();
}

void Pointers::give_back_all() {
    for (const auto& [job, flight] : flights_) flight->message->nack(stop_delay);
    flights_.clear();
    by_broker_id_.clear();
    by_message_id_.clear();
    holdings_.clear();
    room_.cancel();
}

std::vector<HeldPointer> Pointers::list(std::size_t limit) const {
    std::vector<HeldPointer> held;
    for (const auto& [job, flight] : flights_) {
        if (held.size() == limit) break;
        held.push_back(HeldPointer{
            .message_id = flight->pointer.id,
            .broker_message_id = flight->broker_id,
            .pool_key = flight->pool->key(),
            .message_group = flight->pointer.message_group_id,
            .accepted_at = flight->accepted_at});
    }
    return held;
}

void Pointers::warn(std::string category, Severity severity, std::string message) {
    parts_.warnings->add(
        {.category = std::move(category),
         .severity = severity,
         .message = std::move(message),
         .source = "router"},
        parts_.clock->now());
}

}  // namespace fc::router
