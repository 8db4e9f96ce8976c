#pragma once

#include <filesystem>

namespace fc::store::sqlite {

/// The directory that one process owns: a lock file with its pid, held until destruction or death.
class DataDirectory {
public:
    /// Creates the directory (mode 0700) when it is missing. Throws Failure DATA_DIR_NOT_WRITABLE or
    /// DATA_DIR_IN_USE, which names the pid of the owner.
    explicit DataDirectory(std::filesystem::path path);
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace fc::store::sqlite
