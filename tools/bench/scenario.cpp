#include "bench/scenario.h"

#include "bench/api_call.h"
#include "bench/generator.h"
#include "bench/machine.h"

#include <algorithm>
#include <iostream>
#include <unistd.h>

namespace fc::bench {
namespace {

constexpr Nanos stall_timeout = std::chrono::seconds{15};
constexpr Nanos grace_for_duplicates = std::chrono::milliseconds{300};
constexpr Nanos tick = std::chrono::milliseconds{100};
constexpr Nanos progress_interval = std::chrono::seconds{1};

Nanos seconds_of(double value) {
    return Nanos{static_cast<std::int64_t>(value * 1e9)};
}
std::optional<std::string> unless_empty(std::string text) {
    return text.empty() ? std::nullopt : std::optional{std::move(text)};
}
double as_seconds(Nanos time) {
    return std::chrono::duration<double>{time}.count();
}
double as_millis(Nanos time) {
    return as_seconds(time) * 1'000;
}

/// The state of the world at one moment; a measure is the difference of two.
struct Moment {
    Nanos time{0};
    Nanos cpu{0};
    Nanos tool_cpu{0};
    ProcessorTicks ticks;
    std::uint64_t delivered = 0;
};

/// A run under way.
class Run {
public:
    Run(const Scenario& scenario, const Subject& subject)
        : scenario_(scenario),
          subject_(subject),
          checker_(scenario.load.groups, scenario.load.copies),
          receiver_(loop_, checker_, receiver_options(scenario), tag_) {
        if (scenario_.receiver.calibrates) {
            subject_.target =
                Target{.address = {.host = "127.0.0.1", .port = receiver_.port()}, .token = "none"};
            subject_.pid.reset();
        } else if (scenario_.pointers) {
            source_ = subject_.make_pointers(
                checker_, scenario_.load, {subject_.nats_port, receiver_.port(), tag_});
            return;
        } else {
            subscriptions_.emplace(subject_.target, subscription_requests());
            for (unsigned target = 0; target < scenario_.load.targets(); ++target)
                receiver_.use_secret(subscriptions_->signing_secret(target), target);
        }
        source_ = std::make_unique<Generator>(loop_, checker_, scenario_.load, subject_.target, tag_);
    }

    Figures measure() {
        const Nanos start = steady_now();
        const Nanos measured_from = start + seconds_of(scenario_.warm_up_seconds);
        checker_.measure_from(measured_from);
        source_->start(start);
        run_until(measured_from);
        const Moment begin = moment();
        run_until(measured_from + seconds_of(scenario_.seconds));
        const Moment end = moment();
        source_->stop();
        drain();
        return figures(begin, end);
    }

private:
    static ReceiverOptions receiver_options(const Scenario& scenario) {
        auto options = scenario.receiver;
        options.load = scenario.load;
        options.takes_pointers = scenario.pointers;
        if (options.calibrates || options.takes_pointers) options.verify_every = 0;  // nobody signs
        return options;
    }

    std::vector<CreateSubscription> subscription_requests() const {
        std::vector<CreateSubscription> requests;
        for (unsigned target = 0; target < scenario_.load.targets(); ++target) {
            requests.push_back(
                {.name = "bench " + tag_ + " " + std::to_string(target),
                 .event_types = {event_type_of(scenario_.load, target / scenario_.load.copies)},
                 .target_url = "http://127.0.0.1:" + std::to_string(receiver_.port(target)) + "/bench",
                 .mode = unless_empty(scenario_.mode),
                 .dispatch_pool_id = unless_empty(target == 0 ? scenario_.pool_of_first_target : "")});
        }
        return requests;
    }

    Moment moment() const {
        return {
            .time = steady_now(),
            .cpu = subject_.pid ? cpu_time_of(*subject_.pid) : Nanos{0},
            .tool_cpu = cpu_time_of(getpid()),
            .ticks = processor_ticks(),
            .delivered = checker_.totals().delivered};
    }

    void step(Nanos until) {
        const Nanos now = steady_now();
        const Nanos next = std::min({source_->pump(now), receiver_.pump(now), until, now + tick});
        loop_.run_once(next);
        show_progress(now);
    }

    void run_until(Nanos until) {
        while (steady_now() < until && !(source_->is_done() && is_drained())) step(until);
    }

    bool is_drained() const { return source_->is_idle() && checker_.missing() == 0; }

    void drain() {
        drain_started_ = steady_now();
        Nanos last_arrival = drain_started_;
        auto delivered = checker_.totals().delivered;
        while (!is_drained() && steady_now() - last_arrival < stall_timeout) {
            step(Nanos::max());
            if (delivered != checker_.totals().delivered) {
                delivered = checker_.totals().delivered;
                last_arrival = steady_now();
            }
        }
        drain_time_ = steady_now() - drain_started_;
        const Nanos until = steady_now() + grace_for_duplicates;
        while (steady_now() < until) step(until);
        if (isatty(STDERR_FILENO) == 1) std::cerr << "\r\x1b[K";
    }

    void show_progress(Nanos now) {
        if (now - progress_shown_ < progress_interval || isatty(STDERR_FILENO) != 1) return;
        progress_shown_ = now;
        std::cerr << "\r\x1b[K" << scenario_.name << (drain_started_ > Nanos{0} ? ", draining: " : ": ")
                  << checker_.totals().delivered << " delivered, " << checker_.missing() << " to come"
                  << std::flush;
    }

    Figures figures(const Moment& begin, const Moment& end) const;

    Scenario scenario_;
    Subject subject_;
    std::string tag_ = make_run_tag();
    EventLoop loop_;
    Checker checker_;
    Receiver receiver_;
    std::optional<BenchSubscriptions> subscriptions_;
    std::unique_ptr<Source> source_;
    Nanos drain_started_{0};
    Nanos drain_time_{0};
    Nanos progress_shown_ = steady_now();
};

Figures Run::figures(const Moment& begin, const Moment& end) const {
    const auto& totals = checker_.totals();
    const auto& latencies = checker_.latencies();
    const auto delivered = static_cast<double>(std::max<std::uint64_t>(end.delivered - begin.delivered, 1));
    Figures figures;
    figures.scenario = scenario_.name;
    figures.events_per_second =
        static_cast<double>(end.delivered - begin.delivered) / as_seconds(end.time - begin.time);
    if (subject_.pid) {
        figures.cpu_us_per_event = as_seconds(end.cpu - begin.cpu) * 1e6 / delivered;
        figures.resident_peak_mb = memory_of(*subject_.pid).resident_peak_mb;
    }
    figures.tool_cpu_us_per_event = as_seconds(end.tool_cpu - begin.tool_cpu) * 1e6 / delivered;
    figures.p50_ms = as_millis(latencies.quantile(0.5));
    figures.p99_ms = as_millis(latencies.quantile(0.99));
    figures.p999_ms = as_millis(latencies.quantile(0.999));
    figures.acceptance_p99_ms = as_millis(source_->acceptance_times().quantile(0.99));
    figures.refusal_p99_ms = as_millis(source_->refusal_times().quantile(0.99));
    figures.sent = totals.sent;
    figures.accepted = totals.accepted;
    figures.refused = totals.refused;
    figures.unanswered = totals.unanswered;
    figures.delivered = totals.delivered;
    figures.lost = checker_.missing() + source_->unsettled();
    figures.duplicated = totals.duplicated;
    figures.out_of_order = totals.out_of_order;
    figures.unexpected = totals.unexpected;
    figures.damaged = receiver_.damaged();
    figures.signatures_checked = receiver_.signatures_checked();
    figures.signatures_wrong = receiver_.signatures_wrong();
    figures.reconnects = source_->reconnects();
    figures.drain_seconds = as_seconds(drain_time_);
    figures.stolen_percent = stolen_percent(begin.ticks, end.ticks);
    figures.first_problem = source_->first_problem();
    return figures;
}

template <class Member>
auto median(const std::vector<Figures>& runs, Member member) {
    std::vector<std::remove_cvref_t<decltype(runs.front().*member)>> values;
    values.reserve(runs.size());
    for (const auto& run : runs) values.push_back(run.*member);
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

bool Figures::is_sound() const {
    return delivered > 0 && lost + duplicated + out_of_order + unexpected + damaged + signatures_wrong == 0;
}

Figures run(const Scenario& scenario, const Subject& subject) {
    return Run{scenario, subject}.measure();
}

Figures combine(const std::vector<Figures>& runs) {
    Figures out = runs.front();
    out.runs = static_cast<unsigned>(runs.size());
    for (const auto member :
         {&Figures::events_per_second,
          &Figures::tool_cpu_us_per_event,
          &Figures::sync_and_hop_ms,
          &Figures::p50_ms,
          &Figures::p99_ms,
          &Figures::p999_ms,
          &Figures::acceptance_p99_ms,
          &Figures::refusal_p99_ms,
          &Figures::drain_seconds,
          &Figures::stolen_percent}) {
        out.*member = median(runs, member);
    }
    for (const auto member : {&Figures::cpu_us_per_event, &Figures::resident_peak_mb}) {
        out.*member = median(runs, member);
    }
    for (const auto member :
         {&Figures::sent,
          &Figures::accepted,
          &Figures::refused,
          &Figures::unanswered,
          &Figures::delivered,
          &Figures::lost,
          &Figures::duplicated,
          &Figures::out_of_order,
          &Figures::unexpected,
          &Figures::damaged,
          &Figures::signatures_checked,
          &Figures::signatures_wrong,
          &Figures::reconnects}) {
        out.*member = 0;
        for (const auto& run : runs) out.*member += run.*member;
    }
    for (const auto& run : runs) {
        if (out.first_problem.empty()) out.first_problem = run.first_problem;
    }
    return out;
}

}  // namespace fc::bench
