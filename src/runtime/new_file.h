#pragma once

#include <filesystem>

namespace fc {

/// A file that appears at its place, durably, once it is whole. Until then it is written beside it, as
/// `<place>.part`, and goes with this object; one that a process which died has left is replaced.
class NewFile {
public:
    explicit NewFile(std::filesystem::path place);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Where to write it.
    const std::filesystem::path& path() const { return path_; }
    /// What was written takes its place, instead of what is there. Throws std::system_error.
    void keep();

private:
    std::filesystem::path place_;
    std::filesystem::path path_;
};

}  // namespace fc
