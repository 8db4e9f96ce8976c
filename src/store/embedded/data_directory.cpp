#include "store/embedded/data_directory.h"

#include "base/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fc::store::sqlite {
namespace {

Error not_writable(const std::filesystem::path& path, const std::string& why) {
    return invalid(
        "DATA_DIR_NOT_WRITABLE",
        "the data directory " + path.string() + " (DATA_DIR) is not writable: " + why);
}

std::string owner_of(int lock) {
    std::array<char, 32> text{};
    const auto length = pread(lock, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid.empty() ? "unknown" : pid;
}

}  // namespace

DataDirectory::DataDirectory(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code failure;
    const auto mask = umask(077);
    std::filesystem::create_directories(path_, failure);
    umask(mask);
    if (failure) throw Failure(not_writable(path_, failure.message()));
    const auto file = path_ / "lock";
    lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) throw Failure(not_writable(path_, std::strerror(errno)));
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        const auto owner = owner_of(lock_);
        close(lock_);
        throw Failure(conflict(
            "DATA_DIR_IN_USE",
            "the data directory " + path_.string() + " (DATA_DIR) is in use by the process " + owner));
    }
    const auto pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock_, 0) != 0 ||
        pwrite(lock_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        const std::string why = std::strerror(errno);
        close(lock_);
        throw Failure(not_writable(path_, why));
    }
}

DataDirectory::~DataDirectory() {
    close(lock_);
}

}  // namespace fc::store::sqlite
