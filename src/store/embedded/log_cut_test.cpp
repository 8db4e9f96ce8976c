// The log is cut, or one byte of it is damaged, at every byte of its last two commits.
#include "store/embedded/function_op_test.h"
#include "store/embedded/job_writes.h"
#include "store/embedded/log_vfs.h"
#include "store/embedded/schema.h"
#include "store/embedded/scratch_store_test.h"
#include "store/embedded/verification.h"

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace fc::store::sqlite {
namespace {

constexpr std::size_t log_head_bytes = 32;
/// Small pages, so that there are fewer bytes to go through.
constexpr std::size_t frame_bytes = 24 + 512;

std::string content(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void append(Connection& connection, std::uint64_t id) {
    std::vector<std::unique_ptr<WriteOp>> operations;
    operations.push_back(std::make_unique<FunctionOp>([id](Transaction& transaction) {
        append_events(transaction, {event_with_one_job(Tsid{id}, Tsid{id + 1})}, ManualClock().now());
    }));
    ASSERT_EQ(Committer(connection).run(operations).failures.at(0), nullptr);
}

class LogCut : public testing::Test {
public:
    LogCut() {
        auto connection = open();
        connection.exec("pragma wal_checkpoint(truncate)");
        for (std::uint64_t n = 0; n < ends.size(); ++n) {
            append(connection, first_id + 10 * n);
            ends.at(n) = std::filesystem::file_size(log_of(scratch.file()));
        }
        store = content(scratch.file());
        log = content(log_of(scratch.file()));
    }
    Connection open() const {
        Connection connection(scratch.file().string(), Access::read_write, joined_log_vfs());
        connection.exec("pragma page_size = 512");
        prepare_store(connection);
        return connection;
    }
    static std::filesystem::path log_of(std::filesystem::path file) { return file += "-wal"; }

    /// With this log the store opens with so many of the commits, and goes on.
    void expect(std::string_view with_log, int commits, std::size_t at) const {
        std::filesystem::remove(scratch.path() / "flowcatalyst.db-shm");
        write(scratch.file(), store);
        write(log_of(scratch.file()), with_log);
        auto connection = open();
        ASSERT_EQ(connection.scalar("select count(*) from events"), commits) << "byte " << at;
        // Around the ends of the frames and of their heads all of it, elsewhere the least.
        const auto in_frame = (at - log_head_bytes) % frame_bytes;
        if (in_frame > 1 && in_frame != 23 && in_frame != 24) return;
        append(connection, first_id + 100);
        ASSERT_EQ(connection.scalar("select count(*) from jobs"), commits + 1) << "byte " << at;
        ASSERT_EQ(verify(connection).differences, std::vector<std::string>()) << "byte " << at;
    }

    static constexpr std::uint64_t first_id = 1'000;
    ScratchDirectory scratch;
    std::array<std::size_t, 3> ends{};  ///< of each commit in the log
    std::string store;
    std::string log;
};

TEST_F(LogCut, WhatIsBeforeTheCutIsThereAndNothingOfTheRest) {
    for (auto at = ends[0]; at <= ends[2]; ++at) {
        expect(std::string_view(log).substr(0, at), at < ends[1] ? 1 : at < ends[2] ? 2 : 3, at);
        if (HasFatalFailure()) return;
    }
}

TEST_F(LogCut, ADamagedByteEndsTheLogAtItsCommit) {
    for (auto at = ends[0]; at < ends[2]; ++at) {
        auto damaged = log;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        expect(damaged, at < ends[1] ? 1 : 2, at);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace fc::store::sqlite
