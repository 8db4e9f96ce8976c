#pragma once

#include "store/embedded/read_pool.h"
#include "store/embedded/writer.h"
#include "store/message_log.h"

namespace fc::store::sqlite {

class SqliteMessageLog final : public MessageLog {
public:
    SqliteMessageLog(Writer& writer, ReadPool& reads, const Clock& clock)
        : writer_(writer),
          reads_(reads),
          clock_(clock) {}

    void on_ready(ReadySink sink) override { writer_.on_ready(std::move(sink)); }
    Task<std::vector<Appended>> append(std::vector<NewEvent> events) override;
    Task<std::vector<Appended>> add_jobs(std::vector<JobRecord> jobs) override;
    Task<> settle(std::shared_ptr<const Settlement> settlement) override;
    Task<Result<JobRecord>> retry(Tsid job, std::optional<Tsid> recalled_head, Resend resend) override;
    Task<Result<JobRecord>> cancel(Tsid job, std::string reason) override;
    Task<std::size_t> cancel_of_owner(Tsid owner, std::string reason, std::size_t limit) override;
    Task<std::optional<JobRecord>> leader_of_group(Tsid job) override;
    Task<DueJobs> due(LaneKey lane, DueCursor cursor, std::size_t limit) override;
    Task<std::vector<LaneKey>> lanes() override;
    Task<std::optional<EventRecord>> find_event(Tsid id) override;
    Task<std::optional<JobRecord>> find_job(Tsid id) override;
    Task<std::vector<std::string>> attempts(Tsid job) override;
    Task<Verification> verify() override;
    Task<TallySheet> tallies() override;
    Task<Purged> purge(PurgeRequest request) override;

private:
    Writer& writer_;
    ReadPool& reads_;
    const Clock& clock_;
};

}  // namespace fc::store::sqlite
