#include "messaging/retention.h"

#include "runtime/fault.h"
#include "runtime/log.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace fc::messaging {
namespace {

using What = store::PurgeRequest::What;

constexpr Millis key_kept_min{std::chrono::hours{24}};
constexpr Millis interval_min{500};
constexpr Millis interval_max{600'000};
/// Rows of a step: some milliseconds of the writer.
constexpr std::size_t step_rows = 100;
/// A pause is so many times its step, so that the writer, when it is busy, is slowed by a fifth at most.
constexpr int pause_factor = 4;
constexpr Millis pause_min{10};
constexpr Millis pause_max{2'000};

}  // namespace

Retention::Retention(RetentionPeriods periods, Parts parts, metrics::Registry* registry)
    : periods_(periods),
      parts_(parts),
      timer_(parts.executor) {
    // An event is kept as long as a job of it is.
    periods_.jobs = std::min(periods_.jobs, periods_.events);
    if (registry != nullptr) registry->add("retention", metrics_);
}

Task<> Retention::run() {
    const auto interval = std::clamp(periods_.jobs / 100, interval_min, interval_max);
    while (!stopping_) {
        try {
            co_await pass();
        } catch (const std::exception& failure) {
            if (!stopping_) log::warn("retention failed, is tried again", {{"reason", failure.what()}});
        }
        co_await pause(interval);
    }
}

Task<> Retention::stop(Millis) {
    stopping_ = true;
    timer_.cancel();
    co_return;
}

Task<std::size_t> Retention::pass() {
    const auto started = parts_.clock->now();
    const auto jobs = co_await purge_all(What::jobs);
    const auto events = co_await purge_all(What::events);
    if (jobs + events > 0) {
        const auto took = parts_.clock->now() - started;
        log::info(
            "retention deleted what had its time",
            {{"jobs", jobs}, {"events", events}, {"seconds", static_cast<double>(took.count()) / 1e3}});
    }
    co_return jobs + events;
}

Task<std::size_t> Retention::purge_all(What what) {
    store::PurgeRequest request;
    request.what = what;
    request.before = parts_.clock->now() - (what == What::jobs ? periods_.jobs : periods_.events);
    request.keys_before = std::min(request.before, parts_.clock->now() - key_kept_min);
    request.limit = step_rows;
    std::size_t rows = 0;
    do {
        const auto started = parts_.clock->now();
        const auto purged = co_await parts_.messages->purge(request);
        rows += purged.rows;
        auto& counter = what == What::jobs ? metrics_.jobs_purged_total : metrics_.events_purged_total;
        counter.increment(static_cast<double>(purged.rows));
        request.after = purged.next;
        fault_point("after-purge");
        if (!request.after) break;
        co_await pause(std::clamp(pause_factor * (parts_.clock->now() - started), pause_min, pause_max));
    } while (!stopping_);
    co_return rows;
}

Task<> Retention::pause(Millis period) {
    if (stopping_) co_return;
    boost::system::error_code cancelled;
    timer_.expires_after(period);
    auto token = boost::asio::redirect_error(use_task, cancelled);
    co_await timer_.async_wait(token);
}

}  // namespace fc::messaging
