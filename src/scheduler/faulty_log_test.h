#pragma once

#include "store/message_log.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace fc::scheduler {

/// A message log whose next `failing_settles` outcomes cannot be stored.
class FaultyLog : public store::MessageLog {
public:
    explicit FaultyLog(store::MessageLog& log) : log_(log) {}

    int failing_settles = 0;

    void on_ready(ReadySink sink) override { log_.on_ready(std::move(sink)); }
    Task<std::vector<store::Appended>> append(std::vector<store::NewEvent> events) override {
        return log_.append(std::move(events));
    }
    Task<std::vector<store::Appended>> add_jobs(std::vector<store::JobRecord> jobs) override {
        return log_.add_jobs(std::move(jobs));
    }
    Task<> settle(std::shared_ptr<const store::Settlement> settlement) override {
        if (failing_settles > 0) {
            --failing_settles;
            throw boost::system::system_error(boost::asio::error::no_memory, "disk full");
        }
        return log_.settle(std::move(settlement));
    }
    Task<Result<store::JobRecord>> retry(
        Tsid job, std::optional<Tsid> recalled_head, store::Resend resend) override {
        return log_.retry(job, recalled_head, std::move(resend));
    }
    Task<Result<store::JobRecord>> cancel(Tsid job, std::string reason) override {
        return log_.cancel(job, std::move(reason));
    }
    Task<std::size_t> cancel_of_owner(Tsid owner, std::string reason, std::size_t limit) override {
        return log_.cancel_of_owner(owner, std::move(reason), limit);
    }
    Task<std::optional<store::JobRecord>> leader_of_group(Tsid job) override {
        return log_.leader_of_group(job);
    }
    Task<store::DueJobs> due(store::LaneKey lane, store::DueCursor cursor, std::size_t limit) override {
        return log_.due(lane, cursor, limit);
    }
    Task<std::vector<store::LaneKey>> lanes() override { return log_.lanes(); }
    Task<std::optional<store::EventRecord>> find_event(Tsid id) override { return log_.find_event(id); }
    Task<std::optional<store::JobRecord>> find_job(Tsid id) override { return log_.find_job(id); }
    Task<std::vector<std::string>> attempts(Tsid job) override { return log_.attempts(job); }
    Task<store::Verification> verify() override { return log_.verify(); }
    Task<store::TallySheet> tallies() override { return log_.tallies(); }
    Task<store::Purged> purge(store::PurgeRequest request) override { return log_.purge(request); }

private:
    store::MessageLog& log_;
};

}  // namespace fc::scheduler
