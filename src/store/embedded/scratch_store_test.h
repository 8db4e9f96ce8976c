#pragma once

#include "store/embedded/embedded_store.h"

#include <filesystem>
#include <string>
#include <unistd.h>

namespace fc::store {

/// A directory in memory, gone with the test: a file, because SQLite in memory has no log and behaves
/// otherwise.
class ScratchDirectory {
public:
    ScratchDirectory() {
        const std::filesystem::path memory = "/dev/shm";
        auto base = std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
        auto name = (base / "fc-store-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error("mkdtemp", name, {});
        path_ = name;
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path file() const { return path_ / "flowcatalyst.db"; }

private:
    std::filesystem::path path_;
};

}  // namespace fc::store
