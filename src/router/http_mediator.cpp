#include "router/http_mediator.h"

#include "router/answer.h"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace fc::router {

namespace {

constexpr boost::asio::use_awaitable_t<Executor> use_task{};

/// Gives an admission back when the request ends by cancellation.
class Admitted {
public:
    Admitted(http::BreakerRegistry* breakers, std::string target, http::CircuitBreaker::Admission admission)
        : breakers_(breakers),
          target_(std::move(target)),
          admission_(admission) {}
    Admitted(const Admitted&) = delete;
    Admitted& operator=(const Admitted&) = delete;
    ~Admitted() {
        if (breakers_ != nullptr) breakers_->at(target_).abandon(admission_);
    }
    http::CircuitBreaker::Admission use() {
        breakers_ = nullptr;
        return admission_;
    }

private:
    http::BreakerRegistry* breakers_;
    std::string target_;
    http::CircuitBreaker::Admission admission_;
};

/// Two URLs that differ in the query only are one target; the query may also hold secrets.
std::string target_name(const std::string& url) {
    return url.substr(0, url.find_first_of("?#"));
}

}  // namespace

HttpMediator::HttpMediator(HttpMediatorSettings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)) {}

Task<Mediation> HttpMediator::mediate(protocol::DispatchMessage pointer) {
    using Verdict = Mediation::Verdict;
    if (pointer.mediation_target.empty()) {
        co_return Mediation{
            .verdict = Verdict::config_error, .reason = "the pointer names no mediation target"};
    }
    const std::string target = target_name(pointer.mediation_target);
    if (!settings_.targets.allows(pointer.mediation_target)) {
        co_return Mediation{
            .verdict = Verdict::failed,
            .delay = refused_target_delay,
            .reason = "ROUTER_TARGETS does not allow " + target,
            .needs_attention = true};
    }
    const TimePoint deadline = parts_.clock->now() + settings_.delivery_timeout;
    Judgement judged;
    for (int attempt = 1;; ++attempt) {
        const TimePoint now = parts_.clock->now();
        const auto admission = breakers_.at(target).admit(now);
        if (!admission && attempt > 1) co_return judged.mediation;
        if (!admission) {
            const TimePoint until = breakers_.at(target).retry_at(now);
            co_return Mediation{.verdict = Verdict::not_now, .until = until, .reason = "breaker open"};
        }
        Admitted admitted{&breakers_, target, *admission};
        auto request = request_for(pointer, deadline - now);
        const auto response = co_await parts_.client->send(std::move(request));
        record(target, admitted.use(), response);
        judged = judge(response);

        const Millis pause = settings_.backoff_step * attempt;
        const bool is_last = attempt >= settings_.attempts_max || parts_.clock->now() + pause >= deadline;
        if (!judged.repeat_at_once || is_last) co_return judged.mediation;
        Timer timer{parts_.executor};
        timer.expires_after(pause);
        co_await timer.async_wait(use_task);
    }
}

http::ClientRequest HttpMediator::request_for(
    const protocol::DispatchMessage& pointer, Millis time_left) const {
    http::ClientRequest request;
    request.method = "POST";
    request.url = pointer.mediation_target;
    request.body = callback_body(pointer.id);
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!pointer.auth_token.empty()) {
        request.headers.add("Authorization", "Bearer " + pointer.auth_token.reveal());
    }
    request.connect_timeout = settings_.connect_timeout;
    request.total_timeout = time_left;
    // The operator's list of targets has decided; platforms live on private addresses.
    request.egress_checked = false;
    return request;
}

void HttpMediator::record(
    const std::string& target,
    http::CircuitBreaker::Admission admission,
    const http::ClientResponse& response) {
    http::CircuitBreaker& breaker = breakers_.at(target);
    const http::BreakerState before = breaker.state();
    breaker.record(admission, !http::counts_as_failure(response.status), parts_.clock->now());
    if (breaker.state() != before) {
        if (breaker.state() == http::BreakerState::open)
            parts_.metrics.circuit_breaker_trips_total.increment();
        parts_.metrics.circuit_breakers_open.set(static_cast<double>(breakers_.not_closed()));
    }
    count(response);
}

void HttpMediator::count(const http::ClientResponse& response) {
    auto found = requests_by_status_.find(response.status);
    if (found == requests_by_status_.end()) {
        const std::string status = response.status == 0 ? "error" : std::to_string(response.status);
        const metrics::Labels labels{{"status_code", status}, {"method", "POST"}};
        found = requests_by_status_.emplace(response.status, parts_.metrics.http_requests_total.with(labels))
                    .first;
    }
    found->second.increment();
    const std::chrono::duration<double> duration = response.timings.total;
    parts_.metrics.http_duration_seconds.observe(duration.count());
}

}  // namespace fc::router
