#pragma once

#include "store/embedded/read_pool.h"
#include "store/search.h"

namespace fc::store::sqlite {

class SqliteSearch final : public Search {
public:
    explicit SqliteSearch(ReadPool& reads) : reads_(reads) {}

    Task<Found<EventRecord>> events(EventQuery query, PageRequest page) override;
    Task<Found<JobRow>> jobs(JobQuery query, PageRequest page) override;
    Task<std::vector<JobRecord>> jobs_of_event(Tsid event, std::size_t limit) override;
    Task<std::vector<TypeSeen>> types_of_events() override;
    Task<std::vector<TypeSeen>> types_of_jobs() override;
    Task<Activity> activity(std::optional<Tsid> client_id, TimePoint since) override;
    Task<std::vector<Backlog>> backlogs() override;

private:
    ReadPool& reads_;
};

}  // namespace fc::store::sqlite
