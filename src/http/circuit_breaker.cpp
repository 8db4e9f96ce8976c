#include "http/circuit_breaker.h"

#include <algorithm>

namespace fc::http {

std::optional<CircuitBreaker::Admission> CircuitBreaker::admit(TimePoint now) {
    if (state_ == BreakerState::closed) return Admission{epoch_};
    if (state_ == BreakerState::open && now >= open_until_) change_to(BreakerState::half_open);
    if (state_ == BreakerState::half_open) {
        // A probe whose end nobody told would otherwise keep the target shut for ever.
        if (probes_in_flight_ >= probes_max && now - last_probe_at_ >= open_max) probes_in_flight_ = 0;
        if (probes_in_flight_ < probes_max) {
            ++probes_in_flight_;
            last_probe_at_ = now;
            return Admission{epoch_};
        }
    }
    ++rejected_;
    return std::nullopt;
}

void CircuitBreaker::record(Admission admission, bool success, TimePoint now) {
    if (admission.epoch != epoch_) return;
    count(success, now);
    if (state_ == BreakerState::half_open) {
        if (probes_in_flight_ > 0) --probes_in_flight_;
        if (!success) {
            open(std::min(open_length_ * 2, open_max), now);
        } else if (++successes_in_a_row_ >= successes_to_close) {
            change_to(BreakerState::closed);
            slots_ = {};
        }
        return;
    }
    if (success) return;
    const BreakerStats recent = stats(now);
    const std::uint64_t requests = recent.successes + recent.failures;
    if (requests >= requests_min && recent.failures * 2 >= requests) open(open_first, now);
}

void CircuitBreaker::abandon(Admission admission) {
    if (admission.epoch != epoch_) return;
    if (state_ == BreakerState::half_open && probes_in_flight_ > 0) --probes_in_flight_;
}

TimePoint CircuitBreaker::retry_at(TimePoint now) const {
    if (state_ == BreakerState::open) return std::max(open_until_, now);
    if (state_ == BreakerState::half_open && probes_in_flight_ >= probes_max) return now + probe_wait;
    return now;
}

void CircuitBreaker::reset() {
    change_to(BreakerState::closed);
    slots_ = {};
}

BreakerStats CircuitBreaker::stats(TimePoint now) const {
    BreakerStats stats{.state = state_, .rejected = rejected_, .trips = trips_};
    const std::int64_t current = to_unix_millis(now) / slot_millis;
    for (const Slot& slot : slots_) {
        if (slot.number <= current - slot_count) continue;
        stats.successes += slot.successes;
        stats.failures += slot.failures;
    }
    return stats;
}

void CircuitBreaker::change_to(BreakerState state) {
    state_ = state;
    ++epoch_;
    probes_in_flight_ = 0;
    successes_in_a_row_ = 0;
}

void CircuitBreaker::open(Millis length, TimePoint now) {
    change_to(BreakerState::open);
    ++trips_;
    open_length_ = length;
    open_until_ = now + length;
}

CircuitBreaker::Slot& CircuitBreaker::slot(TimePoint now) {
    const std::int64_t number = to_unix_millis(now) / slot_millis;
    Slot& slot = slots_[static_cast<std::size_t>(number % slot_count)];
    if (slot.number != number) slot = Slot{.number = number};
    return slot;
}

void CircuitBreaker::count(bool success, TimePoint now) {
    Slot& current = slot(now);
    if (success) {
        ++current.successes;
    } else {
        ++current.failures;
    }
}

CircuitBreaker& BreakerRegistry::at(std::string_view target) {
    if (const auto found = by_target_.find(target); found != by_target_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second);
        return found->second->breaker;
    }
    if (recent_.size() >= targets_max_ && !recent_.empty()) {
        by_target_.erase(recent_.back().target);
        recent_.pop_back();
    }
    recent_.push_front(Entry{.target = std::string{target}, .breaker = {}});
    by_target_.emplace(recent_.front().target, recent_.begin());
    return recent_.front().breaker;
}

const CircuitBreaker* BreakerRegistry::find(std::string_view target) const {
    const auto found = by_target_.find(target);
    return found == by_target_.end() ? nullptr : &found->second->breaker;
}

bool BreakerRegistry::reset(std::string_view target) {
    const auto found = by_target_.find(target);
    if (found == by_target_.end()) return false;
    found->second->breaker.reset();
    return true;
}

void BreakerRegistry::reset_all() {
    for (Entry& entry : recent_) entry.breaker.reset();
}

std::size_t BreakerRegistry::not_closed() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        recent_, [](const Entry& entry) { return entry.breaker.state() != BreakerState::closed; }));
}

std::vector<std::pair<std::string, BreakerStats>> BreakerRegistry::stats(TimePoint now) const {
    std::vector<std::pair<std::string, BreakerStats>> all;
    all.reserve(recent_.size());
    for (const Entry& entry : recent_) all.emplace_back(entry.target, entry.breaker.stats(now));
    return all;
}

}  // namespace fc::http
