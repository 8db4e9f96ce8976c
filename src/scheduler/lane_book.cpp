#include "scheduler/lane_book.h"

#include "base/error.h"

#include <algorithm>

namespace fc::scheduler {
namespace {

constexpr std::size_t refill_max = 500;

store::LaneKey lane_of(const store::JobRecord& job) {
    return {job.owner, job.pool_id};
}

}  // namespace

LaneBook::Lane& LaneBook::lane_at(store::LaneKey key) {
    const auto [at, is_new] = lanes_.try_emplace(key);
    if (is_new && is_held_) at->second.held = is_held_(key);
    return at->second;
}

std::size_t LaneBook::room(const Lane& lane) const {
    const auto left = [](std::size_t most, std::size_t held) { return most > held ? most - held : 0; };
    const auto own = left(limits_.lane_minimum, lane.jobs.size());
    if (bytes_ >= limits_.bytes) return own;
    const auto shared = left(limits_.jobs, jobs_.size());
    return std::max(own, std::min(left(limits_.jobs_per_lane, lane.jobs.size()), shared));
}

bool LaneBook::has_room(const Lane& lane) const {
    return room(lane) > 0;
}

JobPtr LaneBook::keep(Lane& lane, store::ReadyJob&& job, State state) {
    auto kept = std::make_shared<HeldJob>(std::move(job));
    const auto id = kept->job.id;
    bytes_ += kept->bytes();
    lane.jobs.insert(id);
    jobs_[id] = {kept, state};
    if (state == State::waiting) waits_.emplace(kept->job.next_attempt_at, id);
    return kept;
}

void LaneBook::drop(Tsid id) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    const auto key = lane_of(found->second.job->job);
    bytes_ -= found->second.job->bytes();
    jobs_.erase(found);  // an entry of waits_ that names no waiting job is skipped when its time comes
    auto& lane = lane_at(key);
    lane.jobs.erase(id);
    if (lane.backlog) want_refill(key, lane);
    forget_if_idle(key, lane);
}

void LaneBook::forget_if_idle(store::LaneKey key, const Lane& lane) {
    const bool is_idle =
        lane.jobs.empty() && !lane.backlog && !lane.refilling && !lane.held && !lane.next_due;
    if (is_idle) lanes_.erase(key);
}

void LaneBook::want_refill(store::LaneKey key, Lane& lane) {
    const bool is_low = lane.jobs.size() <= limits_.jobs_per_lane / 2;
    if (lane.backlog && !lane.held && !lane.refilling && is_low && has_room(lane)) wanting_.insert(key);
}

void LaneBook::set_next_due(store::LaneKey key, Lane& lane, std::optional<TimePoint> due) {
    if (lane.next_due) due_lanes_.erase({*lane.next_due, key});
    lane.next_due = due;
    if (due) due_lanes_.emplace(*due, key);
}

void LaneBook::leave_in_store(store::LaneKey key, Lane& lane, TimePoint due, TimePoint now) {
    if (due > now) {
        if (!lane.next_due || due < *lane.next_due) set_next_due(key, lane, due);
        return;
    }
    lane.backlog = true;
    lane.skipped = true;
    want_refill(key, lane);
}

JobPtr LaneBook::ready(store::ReadyJob&& job, TimePoint now) {
    const auto id = job.job.id;
    if (excluded_.contains(id)) return nullptr;
    if (const auto known = jobs_.find(id); known != jobs_.end()) {
        if (known->second.state != State::waiting) return nullptr;
        drop(id);
    }
    const auto key = lane_of(job.job);
    auto& lane = lane_at(key);
    if (lane.held) return nullptr;
    const auto due = job.job.next_attempt_at;
    const bool waits = due > now;
    const bool fits = waits ? due - now <= limits_.wait_in_memory : !lane.backlog;
    if (!fits || !has_room(lane)) {
        leave_in_store(key, lane, due, now);
        return nullptr;
    }
    auto kept = keep(lane, std::move(job), waits ? State::waiting : State::handed_over);
    return waits ? nullptr : kept;
}

std::optional<Refill> LaneBook::next_refill(TimePoint now) {
    while (!due_lanes_.empty() && due_lanes_.begin()->first <= now) {
        const auto key = due_lanes_.begin()->second;
        auto& lane = lane_at(key);
        set_next_due(key, lane, std::nullopt);
        lane.backlog = true;
        want_refill(key, lane);
    }
    while (!wanting_.empty()) {
        const auto key = *wanting_.begin();
        wanting_.erase(wanting_.begin());
        auto& lane = lane_at(key);
        if (lane.refilling || lane.held || !lane.backlog || !has_room(lane)) continue;
        lane.refilling = true;
        lane.skipped = false;
        lane.restarted = false;
        // After a restart those in memory are read again and passed over.
        return Refill{key, lane.cursor, std::min(refill_max, room(lane) + lane.jobs.size())};
    }
    return std::nullopt;
}

std::vector<JobPtr> LaneBook::refilled(const Refill& refill, store::DueJobs due, TimePoint now) {
    std::vector<JobPtr> handed_over;
    auto& lane = lane_at(refill.lane);
    lane.refilling = false;
    if (lane.held) return handed_over;
    bool all_kept = true;
    for (auto& job : due.jobs) {
        const auto id = job.job.id;
        const store::DueCursor at{to_unix_millis(job.job.next_attempt_at), id.value};
        const bool known = jobs_.contains(id) || excluded_.contains(id);
        if (!known && !has_room(lane)) {
            all_kept = false;
            break;
        }
        if (!known) handed_over.push_back(keep(lane, std::move(job), State::handed_over));
        if (!lane.restarted) lane.cursor = at;
    }
    lane.backlog = !all_kept || due.more || lane.skipped || lane.restarted;
    if (due.next_due) leave_in_store(refill.lane, lane, std::max(*due.next_due, now + Millis{1}), now);
    want_refill(refill.lane, lane);
    forget_if_idle(refill.lane, lane);
    return handed_over;
}

void LaneBook::refill_failed(const Refill& refill) {
    auto& lane = lane_at(refill.lane);
    lane.refilling = false;
    lane.backlog = true;
    want_refill(refill.lane, lane);
}

std::vector<JobPtr> LaneBook::take_due(TimePoint now) {
    std::vector<JobPtr> due;
    while (!waits_.empty() && waits_.begin()->first <= now) {
        const auto [time, id] = *waits_.begin();
        waits_.erase(waits_.begin());
        const auto found = jobs_.find(id);
        const bool is_current = found != jobs_.end() && found->second.state == State::waiting &&
                                found->second.job->job.next_attempt_at == time;
        if (!is_current) continue;
        found->second.state = State::handed_over;
        due.push_back(found->second.job);
    }
    return due;
}

std::optional<TimePoint> LaneBook::next_wake() const {
    std::optional<TimePoint> wake;
    if (!waits_.empty()) wake = waits_.begin()->first;
    if (!due_lanes_.empty() && (!wake || due_lanes_.begin()->first < *wake)) wake = due_lanes_.begin()->first;
    return wake;
}

bool LaneBook::start(Tsid job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end() || found->second.state != State::handed_over) return false;
    found->second.state = State::in_flight;
    return true;
}

void LaneBook::put_back(Tsid job) {
    const auto found = jobs_.find(job);
    FC_ASSERT(
        found != jobs_.end() && found->second.state == State::in_flight, "only a started job is put back");
    found->second.state = State::handed_over;
}

void LaneBook::wait(const store::JobRecord& job, TimePoint now) {
    const auto found = jobs_.find(job.id);
    if (found == jobs_.end()) return;
    const auto key = lane_of(job);
    auto& lane = lane_at(key);
    const bool keeps = !lane.held && job.next_attempt_at - now <= limits_.wait_in_memory;
    if (!keeps) {
        if (!lane.held) leave_in_store(key, lane, job.next_attempt_at, now);
        drop(job.id);
        return;
    }
    found->second.job->job = job;
    found->second.state = State::waiting;
    waits_.emplace(job.next_attempt_at, job.id);
}

void LaneBook::end(Tsid job) {
    drop(job);
}

std::vector<JobPtr> LaneBook::hold(store::LaneKey key) {
    std::vector<JobPtr> handed_over;
    auto& lane = lane_at(key);
    lane.held = true;
    wanting_.erase(key);
    set_next_due(key, lane, std::nullopt);
    const std::vector<Tsid> ids(lane.jobs.begin(), lane.jobs.end());
    for (const auto id : ids) {
        const auto& entry = jobs_.at(id);
        if (entry.state == State::in_flight) continue;
        if (entry.state == State::handed_over) handed_over.push_back(entry.job);
        drop(id);
    }
    return handed_over;
}

void LaneBook::restart(store::LaneKey key, Lane& lane) {
    lane.cursor = {};
    lane.backlog = true;
    lane.restarted = true;
    want_refill(key, lane);
}

void LaneBook::release(store::LaneKey key) {
    auto& lane = lane_at(key);
    lane.held = false;
    restart(key, lane);
}

std::vector<store::LaneKey> LaneBook::lanes_of(Tsid owner) const {
    std::vector<store::LaneKey> found;
    for (auto at = lanes_.lower_bound({owner, Tsid{}}); at != lanes_.end() && at->first.owner == owner; ++at)
        found.push_back(at->first);
    return found;
}

std::vector<store::LaneKey> LaneBook::lanes() const {
    std::vector<store::LaneKey> found;
    found.reserve(lanes_.size());
    for (const auto& [key, lane] : lanes_) found.push_back(key);
    return found;
}

bool LaneBook::exclude(Tsid job) {
    const auto found = jobs_.find(job);
    if (found != jobs_.end()) {
        if (found->second.state == State::in_flight) return false;
        drop(job);
    }
    excluded_.insert(job);
    return true;
}

void LaneBook::readmit(Tsid job, store::LaneKey key) {
    if (const auto found = excluded_.find(job); found != excluded_.end()) excluded_.erase(found);
    auto& lane = lane_at(key);
    if (!lane.held) restart(key, lane);
}

std::optional<LaneBook::State> LaneBook::state(Tsid job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? std::nullopt : std::optional(found->second.state);
}

JobPtr LaneBook::find(Tsid job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? nullptr : found->second.job;
}

std::vector<JobPtr> LaneBook::in(State state) const {
    std::vector<JobPtr> found;
    for (const auto& [id, entry] : jobs_) {
        if (entry.state == state) found.push_back(entry.job);
    }
    return found;
}

void LaneBook::recover(const std::vector<store::LaneKey>& lanes) {
    for (const auto& key : lanes) {
        auto& lane = lane_at(key);
        if (!lane.held) restart(key, lane);
    }
}

}  // namespace fc::scheduler
