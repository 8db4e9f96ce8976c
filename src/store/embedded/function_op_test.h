#pragma once

#include "store/embedded/committer.h"

#include <functional>
#include <utility>
#include <vector>

namespace fc::store::sqlite {

/// A function as an operation that nobody waits for.
class FunctionOp final : public WriteOp {
public:
    explicit FunctionOp(std::function<void(Transaction&)> work) : work_(std::move(work)) {}
    void apply(Transaction& transaction) override { work_(transaction); }
    void complete(std::exception_ptr) override {}

private:
    std::function<void(Transaction&)> work_;
};

inline NewEvent event_with_one_job(Tsid event, Tsid job) {
    NewEvent made;
    made.event.id = event;
    made.event.job_count = 1;
    JobRecord record;
    record.id = job;
    record.event_id = event;
    record.owner = Tsid{7};
    made.jobs.push_back(record);
    return made;
}

}  // namespace fc::store::sqlite
