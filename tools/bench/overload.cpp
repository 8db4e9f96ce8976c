#include "bench/overload.h"

#include "bench/event_loop.h"
#include "codec/json.h"

#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace fc::bench {
namespace {

constexpr double factor = 10;
constexpr unsigned connections = 512;
constexpr unsigned signature_checked_every = 100;
constexpr double rate_after_it = 1'000;

double seconds_since(Nanos time) {
    return std::chrono::duration<double>{steady_now() - time}.count();
}

Scenario scenario(std::string name, unsigned batch, double seconds) {
    Scenario scenario;
    scenario.name = std::move(name);
    scenario.load.batch = batch;
    scenario.receiver.verify_every = signature_checked_every;
    scenario.seconds = seconds;
    return scenario;
}

Scenario sustained(unsigned batch, bool quick) {
    auto made = scenario("sustained", batch, quick ? 2 : 5);
    made.load.window = batch > 1 ? 3'000 : 1'000;
    return made;
}

Scenario overload(unsigned batch, double rate, double seconds) {
    auto made = scenario("overload", batch, seconds);
    made.load.connections = connections;
    made.load.rate = rate;
    made.warm_up_seconds = 0;  // its first moments are the hardest
    return made;
}

Scenario one_second() {
    auto made = scenario("after it", 1, 1);
    made.load.rate = rate_after_it;
    made.warm_up_seconds = 0;
    return made;
}

std::string rounded(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(value < 10 ? 2 : 0) << value;
    return out.str();
}

}  // namespace

Overload run_overload(const ServerOptions& options, unsigned batch, bool quick) {
    const ServerProcess server{options};
    const Subject subject{server.target(), server.pid()};
    const OverloadBar bar;
    Overload run;
    run.seconds = quick ? 10 : 60;
    run.sustained = bench::run(sustained(batch, quick), subject);
    const double rate = factor * run.sustained.events_per_second;
    run.overload = bench::run(overload(batch, rate, run.seconds), subject);
    const Nanos backlog_gone = steady_now();
    do {
        run.recovered = bench::run(one_second(), subject);
        run.recovery_seconds = seconds_since(backlog_gone);
    } while (run.recovered.p99_ms > bar.recovered_p99_ms_max &&
             run.recovery_seconds < bar.recovery_seconds_max);
    return run;
}

std::vector<std::string> broken_by_overload(const Overload& run, const OverloadBar& bar) {
    std::vector<std::string> broken;
    const auto expect = [&](bool kept, std::string what) {
        if (!kept) broken.push_back(std::move(what));
    };
    const auto expect_at_most = [&](std::string_view what, double value, double most) {
        expect(value <= most, std::string(what) + " " + rounded(value) + ", bar " + rounded(most));
    };
    for (const auto* part : {&run.sustained, &run.overload, &run.recovered}) {
        expect(
            part->is_sound(), part->scenario + ": accepted events were lost, doubled, changed or disordered");
        expect(part->first_problem.empty(), part->scenario + ": answer " + part->first_problem);
        expect(part->unanswered == 0, part->scenario + ": requests without an answer");
    }
    expect_at_most(
        "answer to accepted requests: p99 ms", run.overload.acceptance_p99_ms, bar.acceptance_p99_ms_max);
    expect_at_most("MB resident", run.overload.resident_peak_mb.value_or(0), bar.resident_peak_mb_max);
    expect_at_most("seconds of recovery", run.recovery_seconds, bar.recovery_seconds_max);
    expect_at_most("p99 ms at 1,000/s after it", run.recovered.p99_ms, bar.recovered_p99_ms_max);
    return broken;
}

void print_overload(std::ostream& out, const Overload& run) {
    const auto& load = run.overload;
    const auto per_second = [&](std::uint64_t count) {
        return rounded(static_cast<double>(count) / run.seconds) + "/s";
    };
    out << "sustained " << rounded(run.sustained.events_per_second) << "/s; " << run.seconds
        << " s of overload: sent " << per_second(load.sent) << ", accepted " << per_second(load.accepted)
        << ", refused " << per_second(load.refused) << ", delivered meanwhile "
        << rounded(load.events_per_second) << "/s\n  answered, p99: accepted "
        << rounded(load.acceptance_p99_ms) << " ms, refused " << rounded(load.refusal_p99_ms) << " ms; lost "
        << load.lost << ", dup " << load.duplicated << ", disorder " << load.out_of_order << "; "
        << rounded(load.resident_peak_mb.value_or(0)) << " MB resident at most\n  backlog gone after "
        << rounded(load.drain_seconds) << " s; " << rounded(run.recovery_seconds)
        << " s later p99 at 1,000/s is " << rounded(run.recovered.p99_ms) << " ms; steal "
        << rounded(load.stolen_percent) << " %" << std::endl;
    for (const auto& line : broken_by_overload(run)) out << "BROKEN " << line << std::endl;
}

void write_overloads(const std::string& path, const std::vector<Overload>& runs) {
    std::ofstream file{path};
    file << codec::to_json(runs) << '\n';
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace fc::bench
