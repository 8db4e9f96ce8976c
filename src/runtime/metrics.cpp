#include "runtime/metrics.h"

#include "base/error.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

namespace fc::metrics {
namespace {

const prometheus::Histogram::BucketBoundaries second_buckets{
    .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};
const prometheus::Histogram::BucketBoundaries byte_buckets{
    256, 1024, 4096, 16384, 65536, 262144, 1048576, 16777216};

prometheus::Labels to_prometheus(const Labels& labels) {
    return {labels.begin(), labels.end()};
}

// "router_deliveries_total" reads as "router deliveries total": the documentation explains, the name
// identifies.
std::string help_of(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

double resident_bytes() {
    long total_pages = 0;
    long resident_pages = 0;
    if (auto* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &total_pages, &resident_pages) != 2) resident_pages = 0;
        std::fclose(file);
    }
    return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code error;
    std::filesystem::directory_iterator files("/proc/self/fd", error);
    return error ? 0 : static_cast<double>(std::distance(files, std::filesystem::directory_iterator{}));
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto to_seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
}

}  // namespace

void Counter::increment(double by) {
    if (counter_) counter_->Increment(by);
}

double Counter::value() const {
    return counter_ ? counter_->Value() : 0;
}

Counter Counter::with(const Labels& labels) const {
    Counter labelled = *this;
    if (family_) labelled.counter_ = &family_->Add(to_prometheus(labels));
    return labelled;
}

void Counter::remove(const Counter& labelled) const {
    if (family_) family_->Remove(labelled.counter_);
}

void Gauge::set(double value) {
    if (gauge_) gauge_->Set(value);
}

void Gauge::add(double by) {
    if (gauge_) gauge_->Increment(by);
}

double Gauge::value() const {
    return gauge_ ? gauge_->Value() : 0;
}

Gauge Gauge::with(const Labels& labels) const {
    Gauge labelled = *this;
    if (family_) labelled.gauge_ = &family_->Add(to_prometheus(labels));
    return labelled;
}

void Gauge::remove(const Gauge& labelled) const {
    if (family_) family_->Remove(labelled.gauge_);
}

void GaugeSet::show(const std::map<Labels, double>& values) {
    for (auto at = series_.begin(); at != series_.end();) {
        if (values.contains(at->first)) {
            ++at;
            continue;
        }
        gauge_.remove(at->second);
        at = series_.erase(at);
    }
    for (const auto& [labels, value] : values) {
        auto found = series_.find(labels);
        if (found == series_.end()) {
            if (series_.size() >= series_max) continue;
            found = series_.emplace(labels, gauge_.with(labels)).first;
        }
        found->second.set(value);
    }
}

void Histogram::observe(double value) {
    if (histogram_) histogram_->Observe(value);
}

void Histogram::observe(const std::vector<double>& buckets, double sum) {
    if (histogram_) histogram_->ObserveMultiple(buckets, sum);
}

Histogram Histogram::with(const Labels& labels) const {
    Histogram labelled = *this;
    if (family_) {
        labelled.histogram_ = &family_->Add(to_prometheus(labels), is_bytes_ ? byte_buckets : second_buckets);
    }
    return labelled;
}

LocalHistogram::LocalHistogram() : buckets_(second_buckets.size() + 1) {}

void LocalHistogram::observe(double seconds) {
    const auto bucket = std::ranges::lower_bound(second_buckets, seconds) - second_buckets.begin();
    ++buckets_[static_cast<std::size_t>(bucket)];
    sum_ += seconds;
}

void LocalHistogram::move_to(Histogram& histogram) {
    histogram.observe(buckets_, sum_);
    std::ranges::fill(buckets_, 0);
    sum_ = 0;
}

struct Registry::State : prometheus::Collectable {
    struct Asked {
        std::string name;
        std::string help;
        prometheus::MetricType type;
        std::function<double()> value;
    };

    std::vector<prometheus::MetricFamily> Collect() const override {
        std::vector<prometheus::MetricFamily> families;
        for (const auto& one : asked) {
            prometheus::ClientMetric metric;
            metric.gauge.value = metric.counter.value = one.value();
            families.push_back({one.name, one.help, one.type, {std::move(metric)}});
        }
        return families;
    }

    std::vector<Asked> asked;
    std::vector<std::function<void()>> shown_first;
    prometheus::Registry registry;
};

Registry::Registry() : state_(std::make_unique<State>()) {
    using prometheus::MetricType;
    state_->asked = {
        {"process_resident_memory_bytes", "resident memory", MetricType::Gauge, resident_bytes},
        {"process_open_fds", "open file descriptors", MetricType::Gauge, open_files},
        {"process_cpu_seconds_total", "user and system CPU time", MetricType::Counter, cpu_seconds},
    };
}

Registry::~Registry() = default;

void Registry::add_gauge(const std::string& name, const std::string& help, std::function<double()> value) {
    state_->asked.push_back({"flowcatalyst_" + name, help, prometheus::MetricType::Gauge, std::move(value)});
}

void Registry::before_exposition(std::function<void()> show) {
    state_->shown_first.push_back(std::move(show));
}

std::string Registry::exposition() const {
    for (const auto& show : state_->shown_first) show();
    auto families = state_->registry.Collect();
    // A family that has only labelled children shows no empty sample of its own.
    for (auto& family : families) {
        if (family.metric.size() < 2) continue;
        std::erase_if(family.metric, [](const auto& metric) { return metric.label.empty(); });
    }
    auto asked = state_->Collect();
    families.insert(families.end(), asked.begin(), asked.end());
    return prometheus::TextSerializer().Serialize(families);
}

void Registry::attach(Counter& counter, const std::string& name) {
    FC_ASSERT(name.ends_with("_total"), "a counter's name ends in _total");
    counter.family_ = &prometheus::BuildCounter()
                           .Name("flowcatalyst_" + name)
                           .Help(help_of(name))
                           .Register(state_->registry);
    counter.counter_ = &counter.family_->Add({});
}

void Registry::attach(Gauge& gauge, const std::string& name) {
    gauge.family_ =
        &prometheus::BuildGauge().Name("flowcatalyst_" + name).Help(help_of(name)).Register(state_->registry);
    gauge.gauge_ = &gauge.family_->Add({});
}

void Registry::attach(Histogram& histogram, const std::string& name) {
    histogram.is_bytes_ = name.ends_with("_bytes");
    FC_ASSERT(
        histogram.is_bytes_ || name.ends_with("_seconds"), "a histogram's name ends in _seconds or _bytes");
    histogram.family_ = &prometheus::BuildHistogram()
                             .Name("flowcatalyst_" + name)
                             .Help(help_of(name))
                             .Register(state_->registry);
    histogram.histogram_ = &histogram.family_->Add({}, histogram.is_bytes_ ? byte_buckets : second_buckets);
}

}  // namespace fc::metrics
