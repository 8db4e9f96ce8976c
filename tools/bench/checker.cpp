#include "bench/checker.h"

namespace fc::bench {
namespace {

constexpr std::uint8_t was_accepted = 1;
constexpr std::uint8_t was_refused = 2;
constexpr std::uint8_t was_unanswered = 4;
constexpr std::uint8_t has_arrived = 8;

}  // namespace

std::uint64_t Checker::send(std::uint32_t count) {
    const std::uint64_t first = state_.size();
    state_.resize(first + count);
    totals_.sent += count;
    outstanding_ += count;
    return first;
}

void Checker::close(std::uint64_t number, std::uint8_t as) {
    if ((state_[number] & has_arrived) == 0) --outstanding_;
    state_[number] |= as;
}

void Checker::accept(std::uint64_t first, std::uint32_t count) {
    totals_.accepted += count;
    for (auto number = first; number < first + count; ++number) {
        if ((state_[number] & has_arrived) == 0) ++missing_;
        state_[number] |= was_accepted;
    }
}

void Checker::refuse(std::uint64_t first, std::uint32_t count) {
    totals_.refused += count;
    for (auto number = first; number < first + count; ++number) {
        if ((state_[number] & has_arrived) != 0) ++totals_.unexpected;
        close(number, was_refused);
    }
}

void Checker::leave_unanswered(std::uint64_t first, std::uint32_t count) {
    totals_.unanswered += count;
    for (auto number = first; number < first + count; ++number) close(number, was_unanswered);
}

void Checker::arrive(const Mark& mark, Nanos now) {
    if (mark.number >= state_.size() || mark.group >= last_of_group_.size()) {
        ++totals_.unexpected;
        return;
    }
    auto& state = state_[mark.number];
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
        auto& last = last_of_group_[mark.group];
        if (mark.number + 1 < last) {
            ++totals_.out_of_order;
        } else {
            last = mark.number + 1;
        }
    }
    if (mark.intended >= measure_from_) latencies_.record(now - mark.intended);
}

}  // namespace fc::bench
