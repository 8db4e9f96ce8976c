#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
template <class T>
class Family;
}  // namespace prometheus

/// Metrics are members of described structs; the member's name is the metric's:
/// `struct RouterMetrics { Counter deliveries_total; Gauge in_flight; Histogram delivery_seconds; };`
/// registered as "router" gives flowcatalyst_router_deliveries_total and so on. Handles are cheap to copy,
/// thread-safe, and do nothing until they are registered, so that a test needs no registry. They are valid as
/// long as the registry.
namespace fc::metrics {

/// Label values must come from a bounded set: pools, routes, outcomes; never ids of events or jobs.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
public:
    void increment(double by = 1);
    double value() const;
    /// The counter of the same name with these labels, made on first use. Keep it: the lookup takes a lock.
    Counter with(const Labels& labels) const;
    /// Drops a labelled counter, for a pool that was deleted.
    void remove(const Counter& labelled) const;

private:
    friend class Registry;
    prometheus::Family<prometheus::Counter>* family_ = nullptr;
    prometheus::Counter* counter_ = nullptr;
};

class Gauge {
public:
    void set(double value);
    void add(double by);
    double value() const;
    Gauge with(const Labels& labels) const;
    void remove(const Gauge& labelled) const;

private:
    friend class Registry;
    prometheus::Family<prometheus::Gauge>* family_ = nullptr;
    prometheus::Gauge* gauge_ = nullptr;
};

/// The labelled series of one gauge, shown as a whole: what is gone loses its series, and there are never
/// more than `series_max`. One thread.
class GaugeSet {
public:
    static constexpr std::size_t series_max = 1'000;
    explicit GaugeSet(Gauge gauge) : gauge_(gauge) {}
    void show(const std::map<Labels, double>& values);

private:
    Gauge gauge_;
    std::map<Labels, Gauge> series_;
};

class Histogram {
public:
    void observe(double value);
    /// Many at once: how many fell into each bucket (the last: above all), and their sum.
    void observe(const std::vector<double>& buckets, double sum);
    Histogram with(const Labels& labels) const;

private:
    friend class Registry;
    prometheus::Family<prometheus::Histogram>* family_ = nullptr;
    prometheus::Histogram* histogram_ = nullptr;
    bool is_bytes_ = false;
};

/// Durations that one thread observes without a lock, until they are moved into a histogram of seconds.
class LocalHistogram {
public:
    LocalHistogram();
    void observe(double seconds);
    void move_to(Histogram& histogram);

private:
    std::vector<double> buckets_;
    double sum_ = 0;
};

/// All metrics of the process. Stops the process on a name without its unit: counters end in `_total`,
/// histograms in
/// `_seconds` or `_bytes`.
class Registry {
public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    template <class Described>
    void add(std::string_view prefix, Described& metrics) {
        using Members = boost::describe::describe_members<Described, boost::describe::mod_public>;
        const auto before = prefix.empty() ? std::string() : std::string(prefix) + '_';
        boost::mp11::mp_for_each<Members>(
            [&](auto member) { attach(metrics.*member.pointer, before + member.name); });
    }
    Counter add_counter(const std::string& name) {
        Counter counter;
        attach(counter, name);
        return counter;
    }
    /// A gauge whose value is asked for at each scrape, on the scraping thread.
    void add_gauge(const std::string& name, const std::string& help, std::function<double()> value);

    /// `show` is called at each scrape, on the scraping thread, before anything is read.
    void before_exposition(std::function<void()> show);

    /// The Prometheus text format (0.0.4), process metrics included.
    std::string exposition() const;

private:
    struct State;
    void attach(Counter& counter, const std::string& name);
    void attach(Gauge& gauge, const std::string& name);
    void attach(Histogram& histogram, const std::string& name);
    std::unique_ptr<State> state_;
};

}  // namespace fc::metrics
