#include "store/embedded/committer.h"

#include "store/embedded/function_op_test.h"
#include "store/embedded/job_writes.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>

namespace fc::store::sqlite {
TEST(Committer, JobThatIsCancelledInTheCommitThatMadeItReadyIsNotTold) {
    const ScratchDirectory scratch;
    Connection connection(scratch.file().string(), Access::read_write);
    prepare_store(connection);
    Committer committer(connection);
    const auto now = ManualClock().now();
    std::vector<std::unique_ptr<WriteOp>> operations;
    operations.push_back(std::make_unique<FunctionOp>([&](Transaction& transaction) {
        append_events(transaction, {event_with_one_job(Tsid{1}, Tsid{2})}, now);
        append_events(transaction, {event_with_one_job(Tsid{3}, Tsid{4})}, now);
    }));
    operations.push_back(std::make_unique<FunctionOp>(
        [&](Transaction& transaction) { (void)cancel_job(transaction, Tsid{2}, "by a test", now); }));
    const auto result = committer.run(operations);
    ASSERT_EQ(result.ready.size(), 1U);
    EXPECT_EQ(result.ready[0].job.id, Tsid{4});
}

}  // namespace fc::store::sqlite
