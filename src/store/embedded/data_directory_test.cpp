#include "store/embedded/data_directory.h"

#include "base/error.h"
#include "store/embedded/scratch_store_test.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sys/wait.h>

namespace fc::store::sqlite {
namespace {

Error refusal(const std::filesystem::path& path) {
    try {
        const DataDirectory opened(path);
    } catch (const Failure& failure) {
        return failure.error();
    }
    return {};
}

TEST(DataDirectory, IsCreatedForItsOwnerOnly) {
    const ScratchDirectory scratch;
    const auto path = scratch.path() / "a" / "b";
    const DataDirectory opened(path);
    EXPECT_EQ(opened.path(), path);
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
}

TEST(DataDirectory, SecondOwnerIsRefusedAndToldThePidOfTheFirst) {
    const ScratchDirectory scratch;
    {
        const DataDirectory first(scratch.path());
        const auto refused = refusal(scratch.path());
        EXPECT_EQ(refused.code, "DATA_DIR_IN_USE");
        EXPECT_NE(refused.detail.find("process " + std::to_string(getpid())), std::string::npos)
            << refused.detail;
    }
    EXPECT_EQ(refusal(scratch.path()).code, "") << "free once the owner is gone";
}

TEST(DataDirectory, DeathOfTheOwnerFreesIt) {
    const ScratchDirectory scratch;
    std::array<int, 2> ready{};
    ASSERT_EQ(pipe(ready.data()), 0);
    const auto child = fork();
    if (child == 0) {
        const DataDirectory held(scratch.path());
        (void)!write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_NE(refusal(scratch.path()).detail.find(std::to_string(child)), std::string::npos);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_EQ(refusal(scratch.path()).code, "");
    close(ready[0]);
    close(ready[1]);
}

TEST(DataDirectory, WhereNothingCanBeWrittenIsRefusedByName) {
    const ScratchDirectory scratch;
    const auto file = scratch.path() / "file";
    std::ofstream(file) << "x";
    // Below a file, the file itself, and a file system without files: modes do not stop a test that runs as
    // root.
    for (const auto& path : {file / "below", file, std::filesystem::path("/proc")}) {
        const auto refused = refusal(path);
        EXPECT_EQ(refused.code, "DATA_DIR_NOT_WRITABLE") << path;
        EXPECT_NE(refused.detail.find(path.string()), std::string::npos) << refused.detail;
    }
}

}  // namespace
}  // namespace fc::store::sqlite
