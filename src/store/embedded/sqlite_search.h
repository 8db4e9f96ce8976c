#pragma once

#include "store/embedded/read_pool.h"
#include "store/embedded/unsaved_heads.h"
#include "store/search.h"

namespace fc::store::sqlite {

class SqliteSearch final : public Search {
public:
    SqliteSearch(ReadPool& reads, const UnsavedHeads& unsaved_heads)
        : reads_(reads),
          unsaved_heads_(unsaved_heads) {}

    Task<Found<EventRecord>> events(EventQuery query, PageRequest page) override;
    Task<Found<JobRow>> jobs(JobQuery query, PageRequest page) override;
    Task<std::vector<JobRecord>> jobs_of_event(Tsid event, std::size_t limit) override;
    Task<std::vector<TypeSeen>> types_of_events() override;
    Task<std::vector<TypeSeen>> types_of_jobs() override;
    Task<Activity> activity(std::optional<Tsid> client_id, TimePoint since) override;
    Task<std::vector<Backlog>> backlogs() override;

private:
    ReadPool& reads_;
    const UnsavedHeads& unsaved_heads_;
};

}  // namespace fc::store::sqlite
