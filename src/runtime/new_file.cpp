#include "runtime/new_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace fc {
namespace {

namespace fs = std::filesystem;

fs::path part_of(fs::path place) {
    place += ".part";
    return place;
}

/// With what a database keeps beside it.
void remove_with_companions(const fs::path& file) {
    std::error_code ignored;
    for (const auto* suffix : {"", "-journal", "-wal", "-shm"}) fs::remove(file.string() + suffix, ignored);
}

void sync(const fs::path& path) {
    const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = opened >= 0 && fsync(opened) == 0;
    const int why = errno;
    if (opened >= 0) close(opened);
    if (!done) throw std::system_error(why, std::generic_category(), "cannot write " + path.string());
}

}  // namespace

NewFile::NewFile(fs::path place) : place_(std::move(place)), path_(part_of(place_)) {
    remove_with_companions(path_);
}

NewFile::~NewFile() {
    remove_with_companions(path_);
}

void NewFile::keep() {
    sync(path_);
    fs::rename(path_, place_);
    sync(fs::absolute(place_).parent_path());
}

}  // namespace fc
