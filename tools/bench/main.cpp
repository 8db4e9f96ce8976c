#include "bench/event_loop.h"
#include "bench/growth.h"
#include "bench/overload.h"
#include "bench/pointer_publisher.h"
#include "bench/suite.h"
#include "bench/verdict.h"
#include "codec/json.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

using namespace fc::bench;

/// What the command line says.
struct Arguments {
    std::string url;
    std::string token;
    std::string token_file;
    pid_t pid = 0;
    std::string binary = "bin/flowcatalyst";
    std::string data_parent = "build/bench";
    std::vector<std::string> environment;
    std::string json;
    std::string recorded;
    bool quick = false;
    std::string only;
    Scenario scenario;
    unsigned delay_ms = 0;
    double fail_percent = 0;
    bool loopback = false;
    std::string finished;
};

void add_own_server_options(CLI::App& app, Arguments& arguments) {
    app.add_option("--binary", arguments.binary, "server to start on an empty store for each run")
        ->capture_default_str();
    app.add_option("--data-parent", arguments.data_parent, "where its data directories are made")
        ->capture_default_str();
    app.add_option("--env", arguments.environment, "NAME=value for it, repeatable")->take_all();
    app.add_option("--json", arguments.json, "write all figures to this file");
}

void add_server_options(CLI::App& app, Arguments& arguments) {
    add_own_server_options(app, arguments);
    app.add_option(
        "--url", arguments.url, "base URL of a running server on this machine, instead of --binary");
    app.add_option("--token", arguments.token, "bearer token for --url");
    app.add_option("--token-file", arguments.token_file, "file that holds it, as DATA_DIR/dev-token");
    app.add_option("--pid", arguments.pid, "process of --url, to measure its CPU time and memory");
}

void add_load_options(CLI::App& app, Arguments& arguments) {
    auto& load = arguments.scenario.load;
    const std::map<std::string, Dedup> dedups{
        {"none", Dedup::none}, {"ordered", Dedup::ordered}, {"random", Dedup::random}};
    app.add_flag(
        "--loopback",
        arguments.loopback,
        "no server: the generator against the receiver, the tool's ceiling");
    app.add_flag(
        "--pointers",
        arguments.scenario.pointers,
        "pointers of another producer, from the queue of --binary to the target");
    app.add_option("--connections", load.connections)->check(CLI::Range(1U, 1'000U))->capture_default_str();
    app.add_option("--batch", load.batch, "events in a request")
        ->check(CLI::Range(1U, 100U))
        ->capture_default_str();
    app.add_option("--rate", load.rate, "events a second; 0: as fast as they are delivered")
        ->capture_default_str();
    app.add_option("--window", load.window, "without a rate: events under way at most")
        ->capture_default_str();
    app.add_option("--groups", load.groups, "message groups; 0: none")
        ->check(CLI::Range(0U, 999'999U))
        ->capture_default_str();
    app.add_option("--bytes", load.bytes, "of the payload")
        ->check(CLI::Range(74U, 100'000U))
        ->capture_default_str();
    app.add_option("--events", load.events, "stop after so many; 0: when the time is over")
        ->capture_default_str();
    app.add_option("--dedup", load.dedup, "deduplication keys: none, ordered, random")
        ->transform(CLI::CheckedTransformer(dedups));
    app.add_option("--seconds", arguments.scenario.seconds)->capture_default_str();
    app.add_option("--runs", arguments.scenario.runs, "shows the median of so many")
        ->check(CLI::Range(1U, 100U))
        ->capture_default_str();
    app.add_option("--mode", arguments.scenario.mode, "of the subscription, e.g. IMMEDIATE");
    app.add_option(
           "--verify-every", arguments.scenario.receiver.verify_every, "check each n-th signature; 0: none")
        ->capture_default_str();
    app.add_option("--receiver-delay", arguments.delay_ms, "milliseconds before each answer");
    app.add_option("--receiver-fail", arguments.fail_percent, "percent of deliveries answered 500")
        ->check(CLI::Range(0.0, 100.0));
}

SuiteOptions suite_options(const Arguments& arguments) {
    SuiteOptions options;
    options.quick = arguments.quick;
    options.only = arguments.only;
    options.make_pointers = make_pointer_publisher;
    if (arguments.loopback) return options;
    if (arguments.url.empty()) {
        options.own_server = ServerOptions{
            .binary = std::filesystem::absolute(arguments.binary),
            .data_parent = arguments.data_parent,
            .environment = arguments.environment};
        return options;
    }
    options.subject.target = {.address = parse_base_url(arguments.url), .token = arguments.token};
    if (!arguments.token_file.empty()) std::ifstream{arguments.token_file} >> options.subject.target.token;
    if (arguments.pid > 0) options.subject.pid = arguments.pid;
    return options;
}

Report run_one(Arguments arguments, const SuiteOptions& options, const Machine& machine) {
    auto& scenario = arguments.scenario;
    scenario.receiver.calibrates = arguments.loopback;
    scenario.receiver.delay = std::chrono::milliseconds{arguments.delay_ms};
    scenario.receiver.fail_share = arguments.fail_percent / 100;
    scenario.load.window = std::max(scenario.load.window, scenario.load.batch);
    if (scenario.load.events > 0) scenario.warm_up_seconds = 0;  // else few events would all be warm-up
    scenario.name = arguments.loopback ? "tool alone" : "one scenario";
    std::vector<Nanos> starts;
    return {.machine = machine, .scenarios = run_in_rounds({scenario}, options, starts), .rest = {}};
}

int grow(const Arguments& arguments, const SuiteOptions& options, const Machine& machine) {
    const auto report = run_growth(
        {.server = options.own_server.value(),
         .finished = arguments.finished,
         .quick = arguments.quick,
         .only = arguments.only},
        machine);
    std::cout << '\n';
    print_machine(std::cout, report.machine);
    print_growth(std::cout, report);
    if (!arguments.json.empty()) write_file(arguments.json, fc::codec::to_json(report));
    std::vector<Figures> figures;
    for (const auto& row : report.rows) figures.push_back(row.figures);
    print_faults(std::cout, figures);
    const auto faster = outgrown(report);
    for (const auto& one : faster) std::cout << "GROWS " << one << '\n';
    return faster.empty() && std::ranges::all_of(figures, &Figures::is_sound) ? 0 : 1;
}

/// Says what misses its bar or became slower; 1 when anything did.
int judge(const Report& report, const std::string& recorded) {
    auto faults = below_bars(report, standard_bars());
    for (auto& slower : worse_than(read_json_file(recorded), report)) faults.push_back(std::move(slower));
    for (const auto& fault : faults) std::cout << "BELOW " << fault << '\n';
    if (faults.empty()) std::cout << "every figure is above its bar and as good as recorded\n";
    return faults.empty() ? 0 : 1;
}

int show(const Report& report, const std::string& json) {
    std::cout << '\n';
    print_machine(std::cout, report.machine);
    print_table(std::cout, report.scenarios);
    if (report.rest) print_rest(std::cout, *report.rest);
    print_faults(std::cout, report.scenarios);
    if (!json.empty()) write_file(json, fc::codec::to_json(report));
    const bool sound = std::ranges::all_of(report.scenarios, &Figures::is_sound);
    return sound && !report.scenarios.empty() ? 0 : 1;
}

int overload(const Arguments& arguments, const SuiteOptions& options) {
    if (!options.own_server) throw std::runtime_error("the overload starts a server of its own");
    std::vector<Overload> runs;
    for (const unsigned batch : {1U, 100U}) {
        runs.push_back(run_overload(*options.own_server, batch, arguments.quick));
        std::cout << (batch == 1 ? "single: " : "batches of 100: ");
        print_overload(std::cout, runs.back());
    }
    if (!arguments.json.empty()) write_overloads(arguments.json, runs);
    return std::ranges::all_of(runs, [](const auto& run) { return broken_by_overload(run).empty(); }) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Publishes events, receives their deliveries and checks that none is lost, doubled or out of order.\n"
        "Exit: 0 sound, 1 a promise was broken, 2 could not measure."};
    app.require_subcommand(1);
    Arguments arguments;
    arguments.scenario.receiver.verify_every = 100;
    auto& suite = *app.add_subcommand("suite", "the scenarios of 'make bench'");
    add_server_options(suite, arguments);
    suite.add_flag("--quick", arguments.quick, "half a minute instead of two or three");
    suite.add_option(
        "--check",
        arguments.recorded,
        "exit 1 below a bar, or when a figure is 25 % worse, relative to the machine, than in this file");
    suite.add_option("--only", arguments.only, "scenarios whose name contains this");
    auto& one = *app.add_subcommand("run", "one scenario, as the options say");
    add_server_options(one, arguments);
    add_load_options(one, arguments);
    auto& flood = *app.add_subcommand("overload", "ten times what it sustains, for a minute");
    add_server_options(flood, arguments);
    flood.add_flag("--quick", arguments.quick, "10 s of overload instead of 60");
    auto& growth = *app.add_subcommand("growth", "the curves of 'make bench-growth'");
    add_own_server_options(growth, arguments);
    growth.add_flag("--quick", arguments.quick, "a tenth of subscriptions and open jobs, one run a point");
    growth.add_option("--only", arguments.only, "curves whose name contains this");
    growth.add_option(
        "--finished", arguments.finished, "a data set of 'make dataset', for the finished jobs");
    CLI11_PARSE(app, argc, argv);
    end_on_signals();
    try {
        const auto options = suite_options(arguments);
        const auto machine = describe_machine(arguments.data_parent);
        if (flood) {
            print_machine(std::cout, machine);
            return overload(arguments, options);
        }
        if (growth) return grow(arguments, options, machine);
        const auto report = suite ? run_suite(options, machine) : run_one(arguments, options, machine);
        const int status = show(report, arguments.json);
        return status != 0 || arguments.recorded.empty() ? status : judge(report, arguments.recorded);
    } catch (const std::exception& error) {
        std::cerr << "bench: " << error.what() << '\n';
        return 2;
    }
}
