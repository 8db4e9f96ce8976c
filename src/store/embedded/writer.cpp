#include "store/embedded/writer.h"

#include "base/outage.h"
#include "runtime/fault.h"
#include "runtime/log.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace fc::store::sqlite {
namespace {

/// At 64 MiB a checkpoint stalls the batch load for 40 ms, at 8 MiB for 1 to 2 (measured).
constexpr std::size_t log_bytes_max = 32U << 20U;
/// How long an outcome that nobody waits for may wait for company.
constexpr Millis lazy_wait{3};
constexpr Millis idle_before_checkpoint{2'000};
constexpr Millis between_probes{1'000};

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, Executor io, const StoreMetrics& metrics)
    : connection_(std::move(connection)),
      committer_(*connection_),
      io_(io),
      commits_(metrics, "commit"),
      checkpoints_(metrics, "checkpoint"),
      writes_(metrics.writes_total),
      thread_([this] { work(); }) {}

Writer::~Writer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Writer::submit(std::unique_ptr<WriteOp> operation) {
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        urgent_ = urgent_ || operation->urgent;
        wake = sleeping_ && (urgent_ || queue_.empty());
        backlog_.add(operation->rows);
        queue_.push_back(std::move(operation));
        if (wake) sleeping_ = false;
    }
    if (wake) wake_.notify_one();
}

Millis Writer::wait() const {
    const std::scoped_lock lock(mutex_);
    return std::chrono::duration_cast<Millis>(backlog_.wait(std::chrono::steady_clock::now()));
}

Writer::Operations Writer::next_batch(Millis idle) {
    std::unique_lock lock(mutex_);
    const auto wait = [&](auto period, auto ready) {
        if (ready()) return;
        sleeping_ = true;
        wake_.wait_for(lock, period, ready);
        sleeping_ = false;
    };
    wait(idle, [&] { return stopping_ || !queue_.empty(); });
    if (!queue_.empty()) wait(lazy_wait, [&] { return stopping_ || urgent_; });
    urgent_ = false;
    backlog_.begin(std::chrono::steady_clock::now());
    return std::exchange(queue_, {});
}

void Writer::work() {
    while (true) {
        auto operations = next_batch(refusal_ ? between_probes : idle_before_checkpoint);
        if (refusal_ && SteadyClock::now() >= refusal_->next_probe) ask_again();
        if (operations.empty()) {
            if (!refusal_) checkpoint(0);
            const std::scoped_lock lock(mutex_);
            if (stopping_ && queue_.empty()) return;
            continue;
        }
        auto result = commit(operations);
        if (result.outage && !refusal_) begin_refusal(result.outage);
        fault_point("after-commit");
        end_commit();
        hand_back(std::move(operations), std::move(result));
        if (!refusal_) checkpoint(log_bytes_max);
    }
}

void Writer::begin_refusal(const std::exception_ptr& failure) {
    const auto now = SteadyClock::now();
    try {
        std::rethrow_exception(failure);
    } catch (const Outage& outage) {
        log::error(
            "the store takes no writes, requests for them are answered 503; it goes on by itself when the "
            "disk allows",
            {{"code", outage.error().code}, {"reason", outage.what()}});
        refusal_ = {failure, now, now + between_probes};
        boost::asio::post(io_, [this, error = outage.error()] { outage_ = error; });
    }
}

void Writer::ask_again() {
    const auto begun = SteadyClock::now();
    refusal_->next_probe = begun + between_probes;
    if (!committer_.probe()) return;
    const std::chrono::duration<double> lasted = SteadyClock::now() - refusal_->since;
    log::info("the store takes writes again", {{"seconds", lasted.count()}});
    refusal_.reset();
    boost::asio::post(io_, [this] { outage_.reset(); });
}

void Writer::checkpoint(std::size_t log_bytes_max) {
    const auto started = SteadyClock::now();
    const auto copied = committer_.checkpoint(log_bytes_max);
    if (!copied) return;
    const std::chrono::duration<double> took = SteadyClock::now() - started;
    checkpoints_.count(*copied, took.count());
}

CommitResult Writer::commit(const Operations& operations) {
    if (refusal_) return {{operations.size(), refusal_->failure}, {}, refusal_->failure};
    const auto started = SteadyClock::now();
    auto result = committer_.run(operations);
    const std::chrono::duration<double> took = SteadyClock::now() - started;
    const bool success =
        std::ranges::none_of(result.failures, [](const auto& failure) { return failure != nullptr; });
    commits_.count(success, took.count());
    writes_.increment(static_cast<double>(operations.size()));
    return result;
}

void Writer::end_commit() {
    const std::scoped_lock lock(mutex_);
    backlog_.end(std::chrono::steady_clock::now());
}

void Writer::hand_back(Operations operations, CommitResult result) {
    boost::asio::post(io_, [this, operations = std::move(operations), result = std::move(result)]() mutable {
        for (std::size_t at = 0; at < operations.size(); ++at) operations[at]->complete(result.failures[at]);
        if (!result.ready.empty() && sink_) sink_(std::move(result.ready));
    });
}

}  // namespace fc::store::sqlite
