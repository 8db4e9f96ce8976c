#pragma once

#include <filesystem>
#include <random>
#include <string>

namespace fc::queue {

/// A directory of one test, gone with it.
class ScratchDirectory {
public:
    ScratchDirectory()
        : path_(
              std::filesystem::temp_directory_path() / ("fc-queue-" + std::to_string(std::random_device{}()) +
                                                        std::to_string(std::random_device{}()))) {
        std::filesystem::create_directories(path_);
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

}  // namespace fc::queue
