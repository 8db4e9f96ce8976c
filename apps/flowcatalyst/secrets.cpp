#include "secrets.h"

#include "base/encoding.h"
#include "base/random.h"
#include "runtime/fault.h"
#include "runtime/new_file.h"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace fc::app {
namespace {

Error unusable(const std::filesystem::path& file) {
    return invalid("DATA_DIR_NOT_WRITABLE", "cannot write " + file.string() + " (DATA_DIR)");
}

}  // namespace

Secret load_or_make_secret(const std::filesystem::path& file) {
    if (std::ifstream in(file); in) {
        std::string text{std::istreambuf_iterator<char>(in), {}};
        while (text.ends_with('\n')) text.pop_back();
        if (!text.empty()) return Secret(std::move(text));
    }
    // One that is there but cannot be read is not replaced: all that was made with it would be lost (B-47).
    if (std::filesystem::exists(file) && access(file.c_str(), R_OK) != 0) throw Failure(unusable(file));
    const auto secret = to_hex(random_bytes(32));
    write_secret(file, secret);
    return Secret(secret);
}

void write_secret(const std::filesystem::path& file, const std::string& secret) {
    const auto text = secret + "\n";
    NewFile made(file);
    const int out = open(made.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) throw Failure(unusable(file));
    fault_point("inside-secret");
    const bool written = write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(out);
    if (!written) throw Failure(unusable(file));
    made.keep();
}

}  // namespace fc::app
