#include "store/embedded/job_writes.h"

#include "runtime/fault.h"

#include <algorithm>

namespace fc::store::sqlite {
namespace {

void open_next(Transaction& transaction, const JobRecord& member, bool stays, TimePoint now) {
    if (auto next = transaction.lines.open_next(member, stays, now)) transaction.make_ready(std::move(*next));
}

const char* counter_of(JobStatus status) {
    switch (status) {
        case JobStatus::completed: return "completed";
        case JobStatus::error: return "error";
        case JobStatus::cancelled: return "cancelled";
        default: return "";
    }
}

/// Takes a job out of its line with a final state, counts it and opens its group's next, if that waited for
/// it.
void cancel_row(Transaction& transaction, JobRecord job, const std::string& reason, TimePoint now) {
    const bool leads = transaction.lines.leads(job);
    if (job.status == JobStatus::error) transaction.tallies.count_job(job.counted_pool, "error", -1);
    job.status = JobStatus::cancelled;
    job.ready = false;
    job.in_line = false;
    job.completed_at = now;
    job.updated_at = now;
    job.last_error = reason;
    transaction.jobs.update(job);
    transaction.take_back_ready(job.id);
    transaction.tallies.count_job(job.counted_pool, "cancelled");
    if (leads) open_next(transaction, job, false, now);
}

bool insert_job(
    Transaction& transaction, JobRecord job, std::shared_ptr<const EventRecord> event, TimePoint now) {
    const auto counted_pool = job.counted_pool;
    const auto place = transaction.lines.insert(job, now);
    if (place == Lines::Place::duplicate) return false;
    transaction.tallies.count_job(counted_pool, "created");
    if (place == Lines::Place::ready) transaction.ready.emplace_back(std::move(job), std::move(event));
    return true;
}

void count_replay(Transaction& transaction, Tsid event_id) {
    const auto event = transaction.events.find(event_id);
    FC_ASSERT(event.has_value(), "a replay is stored only beside its event");
    transaction.events.add_job(event_id);
    if (event->job_count > 0) return;
    transaction.tallies.count_event(event->client_id, "without_match", -1);
    transaction.tallies.count_event(event->client_id, "with_jobs");
}

}  // namespace

std::vector<Appended> append_events(
    Transaction& transaction, const std::vector<NewEvent>& events, TimePoint now) {
    std::vector<Appended> answers;
    answers.reserve(events.size());
    for (const auto& [event, jobs] : events) {
        if (!transaction.events.insert(event)) {
            const auto stored = transaction.events.find_duplicate(event.client_id, event.deduplication_id);
            FC_ASSERT(stored.has_value(), "an event that conflicts has a stored twin");
            transaction.events.count_duplicate(*stored);
            answers.push_back({*stored, true});
            continue;
        }
        answers.push_back({event.id, false});
        transaction.tallies.count_event(event.client_id, "accepted");
        transaction.tallies.count_event(event.client_id, jobs.empty() ? "without_match" : "with_jobs");
        if (jobs.empty()) continue;
        // Copied here: what this thread takes away again should be its own to the allocator.
        const auto shared = std::make_shared<const EventRecord>(event);
        transaction.cache.put(shared);
        for (const auto& job : jobs) insert_job(transaction, job, shared, now);
        fault_point("inside-batch");
    }
    return answers;
}

std::vector<Appended> add_jobs(Transaction& transaction, const std::vector<JobRecord>& jobs, TimePoint now) {
    std::vector<Appended> answers;
    answers.reserve(jobs.size());
    for (const auto& job : jobs) {
        auto event = transaction.load_event(job.event_id);
        if (job.origin == JobOrigin::replay && !event) {
            answers.push_back({});
            continue;
        }
        if (insert_job(transaction, job, std::move(event), now)) {
            if (job.origin == JobOrigin::replay) count_replay(transaction, job.event_id);
            answers.push_back({job.id, false});
            continue;
        }
        const auto stored = transaction.jobs.find_duplicate(job.client_id, job.idempotency_key);
        FC_ASSERT(stored.has_value(), "a job that conflicts has a stored twin");
        answers.push_back({*stored, true});
    }
    return answers;
}

int settle(Transaction& transaction, const Settlement& settlement, TimePoint now) {
    const auto& job = settlement.job;
    JobOutcome outcome;
    outcome.at = now;
    outcome.ready_at = job.ready_at;
    outcome.next_attempt_at = job.next_attempt_at;
    outcome.attempts = job.attempts + (settlement.counts ? 1 : 0);
    outcome.last_error = settlement.last_error;
    outcome.attempt = settlement.attempt;
    if (settlement.kind == Settlement::Kind::wait) {
        outcome.next_attempt_at = settlement.next_attempt_at;
        transaction.jobs.settle(job.id, outcome);
        transaction.lines.saved(job.id);
        return 0;
    }
    const bool failed = settlement.kind == Settlement::Kind::error;
    outcome.status = failed ? JobStatus::error : JobStatus::completed;
    outcome.stays_in_line = failed && job.mode == DispatchMode::block_on_error && job.is_ordered();
    if (!transaction.jobs.settle(job.id, outcome)) return 0;
    transaction.tallies.count_job(job.counted_pool, counter_of(outcome.status));
    // An error that blocks holds back only those behind it: a job that was sent again may stand before it.
    if (job.is_ordered()) open_next(transaction, job, outcome.stays_in_line, now);
    return 0;
}

Result<JobRecord> retry_job(
    Transaction& transaction,
    Tsid id,
    std::optional<Tsid> recalled_head,
    const Resend& resend,
    TimePoint now) {
    transaction.lines.save_and_forget(now);
    auto job = transaction.jobs.find(id);
    if (!job) return not_found("JOB_NOT_FOUND", "there is no dispatch job " + id.to_string());
    job->updated_at = now;
    if (job->status == JobStatus::pending) {
        if (!job->ready) return *job;
        job->resent_by = resend.by;
        job->operation = resend.operation;
        job->next_attempt_at = now;
        transaction.jobs.update(*job);
        transaction.make_ready(JobRecord(*job));
        return *job;
    }
    transaction.tallies.count_job(job->counted_pool, counter_of(job->status), -1);
    transaction.jobs.forget_last_attempt(id);
    job->status = JobStatus::pending;
    job->completed_at = std::nullopt;
    job->round_start = job->attempts;
    job->next_attempt_at = now;
    job->resent_by = resend.by;
    job->operation = resend.operation;
    auto next = transaction.lines.enter_again(*job, recalled_head, now);
    if (next) transaction.make_ready(std::move(*next));
    return *transaction.jobs.find(id);
}

Result<JobRecord> cancel_job(Transaction& transaction, Tsid id, const std::string& reason, TimePoint now) {
    transaction.lines.save_and_forget(now);
    auto job = transaction.jobs.find(id);
    if (!job) return not_found("JOB_NOT_FOUND", "there is no dispatch job " + id.to_string());
    const bool blocks = job->status == JobStatus::error && job->in_line;
    if (job->status != JobStatus::pending && !blocks) {
        return conflict("JOB_ALREADY_ENDED", "the dispatch job has already ended and blocks nothing");
    }
    cancel_row(transaction, *job, reason, now);
    return *transaction.jobs.find(id);
}

std::size_t cancel_of_owner(
    Transaction& transaction, Tsid owner, const std::string& reason, std::size_t limit, TimePoint now) {
    transaction.lines.save_and_forget(now);
    auto jobs = transaction.jobs.open_of_owner(owner, limit);
    for (auto& job : jobs) cancel_row(transaction, std::move(job), reason, now);
    return jobs.size();
}

std::optional<JobRecord> leader_of_group(Transaction& transaction, Tsid id, TimePoint now) {
    const auto job = transaction.jobs.find(id);
    if (!job || !job->is_ordered()) return std::nullopt;
    return transaction.lines.leader(*job, now);
}

std::vector<LaneKey> lanes(Transaction& transaction, TimePoint now) {
    transaction.lines.save(now);
    return transaction.jobs.lanes();
}

DueJobs due_jobs(Transaction& transaction, LaneKey lane, DueCursor cursor, std::size_t limit, TimePoint now) {
    transaction.lines.save(now);
    DueJobs due;
    std::size_t bytes = 0;
    const auto take = [&](JobRecord job) {
        auto event = transaction.load_event(job.event_id);
        due.jobs.push_back({std::move(job), std::move(event)});
        bytes += due.jobs.back().bytes();
        return bytes < due_bytes_max;
    };
    transaction.jobs.due(lane, cursor, now, limit, take);
    due.more = due.jobs.size() == limit || bytes >= due_bytes_max;
    if (!due.more) due.next_due = transaction.jobs.next_due(lane, now);
    return due;
}

}  // namespace fc::store::sqlite
