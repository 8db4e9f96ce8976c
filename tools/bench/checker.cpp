#include "bench/checker.h"

namespace fc::bench {
namespace {

constexpr std::uint8_t was_accepted = 1;
constexpr std::uint8_t was_refused = 2;
constexpr std::uint8_t was_unanswered = 4;
constexpr std::uint8_t has_arrived = 8;

}  // namespace

std::uint64_t Checker::send(std::uint32_t count) {
    const std::uint64_t first = state_.size() / copies_;
    const auto arrivals = std::uint64_t{count} * copies_;
    state_.resize(state_.size() + arrivals);
    totals_.sent += arrivals;
    outstanding_ += arrivals;
    return first;
}

void Checker::close(std::uint64_t place, std::uint8_t as) {
    if ((state_[place] & has_arrived) == 0) --outstanding_;
    state_[place] |= as;
}

void Checker::accept(std::uint64_t first, std::uint32_t count) {
    for (auto place = first * copies_; place < (first + count) * copies_; ++place) {
        ++totals_.accepted;
        if ((state_[place] & has_arrived) == 0) ++missing_;
        state_[place] |= was_accepted;
    }
}

void Checker::refuse(std::uint64_t first, std::uint32_t count) {
    for (auto place = first * copies_; place < (first + count) * copies_; ++place) {
        ++totals_.refused;
        if ((state_[place] & has_arrived) != 0) ++totals_.unexpected;
        close(place, was_refused);
    }
}

void Checker::leave_unanswered(std::uint64_t first, std::uint32_t count) {
    for (auto place = first * copies_; place < (first + count) * copies_; ++place) {
        ++totals_.unanswered;
        close(place, was_unanswered);
    }
}

void Checker::arrive(const Mark& mark, Nanos now, std::uint32_t copy) {
    const auto place = mark.number * copies_ + copy;
    const auto lane = std::size_t{mark.group} * copies_ + copy;
    if (place >= state_.size() || lane >= last_of_group_.size()) {
        ++totals_.unexpected;
        return;
    }
    auto& state = state_[place];
    if ((state & has_arrived) != 0) {
        ++totals_.duplicated;
        return;
    }
    ++totals_.delivered;
    if ((state & was_accepted) != 0) --missing_;
    if ((state & was_refused) != 0) ++totals_.unexpected;
    if ((state & (was_refused | was_unanswered)) == 0) --outstanding_;
    state |= has_arrived;
    if (mark.group != no_group) {
        // Numbers from 1 here, so that 0 means "none yet".
        auto& last = last_of_group_[lane];
        if (mark.number + 1 < last) {
            ++totals_.out_of_order;
        } else {
            last = mark.number + 1;
        }
    }
    if (mark.intended >= measure_from_) latencies_.record(now - mark.intended);
}

}  // namespace fc::bench
