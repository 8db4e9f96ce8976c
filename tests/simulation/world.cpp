#include "world.h"

#include "store/embedded/job_reads.h"
#include "store/embedded/job_writes.h"
#include "store/embedded/log_vfs.h"
#include "store/embedded/schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>

namespace fc::simulation {
namespace {

using namespace store;
using namespace store::sqlite;

/// Small, so that the backlog often exceeds memory.
constexpr scheduler::LaneLimits small_limits{6, 20, 1U << 20U, 2, Millis{5'000}};
constexpr LineLimits small_lines{6 * sizeof(JobRecord), 4, 3, 2};
constexpr int rest_rounds_max = 20'000;

class FunctionOp final : public WriteOp {
public:
    FunctionOp(std::function<void(Transaction&)> work, std::function<void(bool)> done)
        : work_(std::move(work)),
          done_(std::move(done)) {}
    void apply(Transaction& transaction) override { work_(transaction); }
    void complete(std::exception_ptr failure) override { done_(failure == nullptr); }

private:
    std::function<void(Transaction&)> work_;
    std::function<void(bool)> done_;
};

}  // namespace

std::unique_ptr<Connection> open_store() {
    auto connection =
        std::make_unique<Connection>("store", Access::read_write, joined_log_vfs(MemDisk::vfs_name));
    connection->exec("pragma locking_mode = exclusive");
    prepare_store(*connection);
    // A death closes nothing properly.
    sqlite3_db_config(connection->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return connection;
}

World::World(MemDisk& disk, std::uint64_t seed, bool tells) : disk_(disk), random_(seed), tells_(tells) {
    disk_.restore_template();
    pools_.resize(2);
    for (auto& pool : pools_) {
        pool.limits.concurrency = static_cast<std::uint32_t>(1 + pick(4));
        pool.limits.rate_per_minute = chance(50) ? 0 : static_cast<std::int64_t>(30 + pick(600));
    }
    for (std::size_t at = 0; at < 3; ++at) {
        LaneFact lane;
        lane.key = {Tsid{100 + at}, Tsid{}};
        lane.mode = static_cast<DispatchMode>(pick(3));
        lane.pool = pick(pools_.size());
        if (chance(50)) lane.limits = some_limits();
        lanes_.push_back(lane);
    }
    start();
}

World::~World() = default;

void World::tell(const char* what, Tsid job) const {
    if (!tells_) return;
    const auto found = jobs_.find(job);
    const bool known = found != jobs_.end();
    std::printf(
        "%s %-12s %s lane %zu group '%s' #%lld\n",
        to_rfc3339(clock_.now()).c_str(),
        what,
        job.to_string().c_str(),
        known ? found->second.lane : 0,
        known ? found->second.group.c_str() : "",
        known ? static_cast<long long>(found->second.sequence) : 0LL);
}

void World::violated(std::string what) {
    if (!violation_) violation_ = std::move(what);
}

void World::start() {
    connection_ = open_store();
    committer_ = std::make_unique<Committer>(*connection_, small_lines);
    book_ = std::make_unique<scheduler::LaneBook>(small_limits);
    for (auto& lane : lanes_) {
        // A process has its quotas from its start.
        quotas_.set(lane.key.owner.value, {}, clock_.now());
        lane.in_flight = 0;
        lane.sent.clear();
    }
    for (auto& pool : pools_) {
        pool.pool = std::make_unique<router::Pool>(pool.limits, clock_.now(), &quotas_);
        pool.in_flight = 0;
        pool.sent.clear();  // the bucket starts with one token: a restart may spend it
    }
    for (const auto& lane : lanes_) {
        quotas_.set(lane.key.owner.value, lane.limits, clock_.now());
        if (lane.held) book_->hold(lane.key);
    }
    recover();
}

void World::recover() {
    auto found = std::make_shared<std::vector<LaneKey>>();
    const auto read = [found, now = clock_.now()](Transaction& open) { *found = lanes(open, now); };
    // Its batch may fail with the disk.
    const auto take = [this, found](bool was_read) { was_read ? book_->recover(*found) : recover(); };
    submit(read, take, Durability::process_death);
}

void World::die(bool power_cut) {
    tell(power_cut ? "POWER CUT" : "DEATH", Tsid{});
    // Some of what was on its way had arrived; without the commit nobody remembers.
    queue_.clear();
    in_flight_.clear();
    book_.reset();
    committer_.reset();
    connection_.reset();
    disk_.fail_next(0);
    if (power_cut) disk_.power_cut();
    clock_.advance(Millis{pick(2'000)});
    start();
    read_back(power_cut);
}

void World::read_back(bool power_cut) {
    JobTable table(*connection_);
    for (auto at = jobs_.begin(); at != jobs_.end();) {
        auto& fact = at->second;
        const auto row = table.find(at->first);
        if (!row) {
            // What retention took may come back: a later power cut can undo its commit.
            if (fact.acknowledged && !fact.purged)
                violated("an acknowledged job is gone: " + at->first.to_string());
            at = fact.purged ? std::next(at) : jobs_.erase(at);
            continue;
        }
        const bool ended = row->status != JobStatus::pending;
        if (fact.ended && !ended) {
            if (!power_cut && !fact.retried)
                violated("a committed outcome was undone by a death: " + at->first.to_string());
            fact.resend_allowed = true;
        }
        fact.acknowledged = true;
        fact.ended = ended && !row->in_line;
        fact.succeeded = row->status == JobStatus::completed;
        fact.blocks = row->status == JobStatus::error && row->in_line;
        ++at;
    }
}

void World::submit(Work work, Done done, Durability durability) {
    auto operation = std::make_unique<FunctionOp>(std::move(work), std::move(done));
    operation->durability = durability;
    queue_.push_back(std::move(operation));
}

void World::commit(bool answers) {
    if (queue_.empty()) return;
    const auto operations = std::exchange(queue_, {});
    auto result = committer_->run(operations);
    if (chance(5)) committer_->checkpoint(0);
    if (!answers) return;
    for (std::size_t at = 0; at < operations.size(); ++at) operations[at]->complete(result.failures[at]);
    for (auto& job : result.ready) {
        if (auto kept = book_->ready(std::move(job), clock_.now())) hand_over(kept);
    }
}

void World::append() {
    auto events = std::make_shared<std::vector<NewEvent>>();
    auto ids = std::make_shared<std::vector<Tsid>>();
    const auto count = 1 + pick(3);
    for (std::uint64_t n = 0; n < count; ++n) {
        NewEvent event;
        event.event.id = ids_.next();
        event.event.type = "a.b";
        event.event.data = "{}";
        event.event.message_group = chance(80) ? "g" + std::to_string(pick(3)) : "";
        for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
            if (chance(40)) continue;
            JobRecord job;
            job.id = ids_.next();
            job.event_id = event.event.id;
            job.owner = lanes_[lane].key.owner;
            job.mode = lanes_[lane].mode;
            job.message_group = event.event.message_group;
            job.next_attempt_at = clock_.now() + Millis{chance(20) ? pick(8'000) : 0};
            job.created_at = clock_.now();
            jobs_[job.id] = {lane, job.message_group, ++sequence_};
            ids->push_back(job.id);
            event.jobs.push_back(std::move(job));
        }
        event.event.job_count = static_cast<std::int64_t>(event.jobs.size());
        events->push_back(std::move(event));
    }
    submit(
        [events, now = clock_.now()](Transaction& transaction) { append_events(transaction, *events, now); },
        [this, ids](bool stored) {
            for (const auto id : *ids) {
                tell(stored ? "accepted" : "refused", id);
                if (stored)
                    jobs_[id].acknowledged = true;
                else
                    jobs_.erase(id);
            }
        },
        Durability::power_cut);
}

void World::hand_over(const scheduler::JobPtr& job) {
    const auto& lane = lanes_[jobs_.at(job->job.id).lane];
    router::Work work;
    work.lane = job->job.owner.value;
    work.job = job->job.id.value;
    work.retry = job->job.attempts > 0;
    work.payload = job;
    const auto pushed = pools_[lane.pool].pool->push(std::move(work), clock_.now());
    if (pushed != router::Pool::Push::queued)
        violated("the pool refused a job that the scheduler handed over");
}

void World::pump() {
    for (auto& pool : pools_) {
        while (auto work = pool.pool->next(clock_.now())) {
            auto job = std::static_pointer_cast<scheduler::HeldJob>(work->payload);
            if (!book_->start(job->job.id)) {
                pool.pool->finish(work->job);
                continue;
            }
            auto& lane = lanes_[jobs_.at(job->job.id).lane];
            ++pool.in_flight;
            ++lane.in_flight;
            pool.sent.push_back(clock_.now());
            lane.sent.push_back(clock_.now());
            tell("sent", job->job.id);
            check_send(job->job);
            in_flight_.push_back(std::move(job));
        }
    }
}

void World::receive(std::size_t at, Result result) {
    const auto job = in_flight_[at];
    in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(at));
    auto& lane = lanes_[jobs_.at(job->job.id).lane];
    auto& pool = pools_[lane.pool];
    pool.pool->finish(job->job.id.value);
    --pool.in_flight;
    --lane.in_flight;
    static constexpr const char* names[] = {"success", "retry", "rejected", "not yet"};
    tell(names[static_cast<int>(result)], job->job.id);
    Settlement settlement;
    settlement.job = job->job;
    settlement.attempt = "{}";
    switch (result) {
        case Result::success: settlement.kind = Settlement::Kind::completed; break;
        case Result::rejected: settlement.kind = Settlement::Kind::error; break;
        case Result::not_yet: settlement.counts = false; [[fallthrough]];
        case Result::retry: settlement.next_attempt_at = clock_.now() + Millis{50 + pick(10'000)}; break;
    }
    settle(std::move(settlement), result == Result::success);
}

void World::settle(Settlement settlement, bool success) {
    auto shared = std::make_shared<Settlement>(std::move(settlement));
    const auto id = shared->job.id;
    submit(
        [shared, now = clock_.now()](Transaction& transaction) { sqlite::settle(transaction, *shared, now); },
        [this, shared, id, success](bool stored) {
            tell(stored ? "settled" : "not settled", id);
            if (!stored) return settle(*shared, success);
            if (shared->kind == Settlement::Kind::wait) {
                auto job = shared->job;
                if (shared->counts) ++job.attempts;
                job.next_attempt_at = shared->next_attempt_at;
                return book_->wait(job, clock_.now());
            }
            auto& fact = jobs_.at(id);
            fact.ended =
                success || lanes_[fact.lane].mode != DispatchMode::block_on_error || fact.group.empty();
            fact.succeeded = success;
            fact.blocks = !fact.ended;
            fact.resend_allowed = false;
            fact.retried = false;
            book_->end(id);
        },
        Durability::process_death);
}

void World::refill() {
    for (const auto& job : book_->take_due(clock_.now())) hand_over(job);
    while (auto refill = book_->next_refill(clock_.now())) {
        auto due = std::make_shared<DueJobs>();
        submit(
            [due, refill, now = clock_.now()](Transaction& transaction) {
                *due = due_jobs(transaction, refill->lane, refill->cursor, refill->limit, now);
            },
            [this, due, refill](bool stored) {
                if (!stored) return book_->refill_failed(*refill);
                for (const auto& job : book_->refilled(*refill, std::move(*due), clock_.now()))
                    hand_over(job);
            },
            Durability::process_death);
    }
}

void World::hold(std::size_t lane) {
    lanes_[lane].held = true;
    for (const auto& job : book_->hold(lanes_[lane].key))
        pools_[lanes_[lane].pool].pool->recall(job->job.id.value);
}

void World::release(std::size_t lane) {
    lanes_[lane].held = false;
    book_->release(lanes_[lane].key);
}

void World::operate() {
    if (jobs_.empty()) return;
    auto at = jobs_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(pick(jobs_.size())));
    if (!at->second.acknowledged || at->second.purged) return;
    if (chance(50))
        retry(at->first);
    else
        cancel(at->first);
}

std::optional<std::string> World::run(int steps) {
    for (int n = 0; n < steps && !violation_; ++n) step();
    if (!violation_) come_to_rest();
    return violation_;
}

void World::step() {
    const auto what = pick(100);
    if (what < 18)
        append();
    else if (what < 42)
        commit(true);
    else if (what < 54)
        refill();
    else if (what < 66)
        pump();
    else if (what < 82 && !in_flight_.empty()) {
        const auto result = chance(60) ? Result::success : static_cast<Result>(1 + pick(3));
        receive(pick(in_flight_.size()), result);
    } else if (what < 90)
        clock_.advance(Millis{pick(3'000)});
    else if (what < 92)
        hold(pick(lanes_.size()));
    else if (what < 94)
        release(pick(lanes_.size()));
    else if (what < 95)
        limit(pick(lanes_.size()));
    else if (what < 96)
        operate();
    else if (what < 97 && chance(50))
        purge(chance(50) ? PurgeRequest::What::jobs : PurgeRequest::What::events);
    else if (what < 97 && chance(50))
        disk_.fail_next(static_cast<int>(1 + pick(3)));
    else if (what < 97)
        disk_.fail_next_syncs(static_cast<int>(1 + pick(3)));
    else if (what < 98) {
        commit(false);
        die(false);
    } else if (what < 99)
        die(false);
    else
        die(true);
}

void World::come_to_rest() {
    disk_.fail_next(0);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (lanes_[lane].held) release(lane);
    }
    const auto is_open = [](const auto& entry) { return !entry.second.ended; };
    for (int round = 0; round < rest_rounds_max && !violation_; ++round) {
        commit(true);
        refill();
        commit(true);
        pump();
        while (!in_flight_.empty()) receive(0, Result::success);
        commit(true);
        if (std::none_of(jobs_.begin(), jobs_.end(), is_open)) break;
        clock_.advance(Millis{500});
        if (round % 20 == 19) skip_blocking();
    }
    check_rest();
}

}  // namespace fc::simulation
