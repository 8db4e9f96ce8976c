#pragma once

#include "bench/histogram.h"
#include "bench/load.h"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fc::bench {

struct ServerOptions {
    std::filesystem::path binary;
    std::filesystem::path data_parent;     ///< a fresh data directory is made in it, and removed at the end
    std::vector<std::string> environment;  ///< further NAME=value
};

/// The product, started on an empty store in development mode, and stopped with this object.
class ServerProcess {
public:
    /// Returns when the server is ready. Throws std::runtime_error with the end of its output when it is not.
    explicit ServerProcess(const ServerOptions& options);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    pid_t pid() const { return pid_; }
    const Target& target() const { return target_; }
    Nanos start_to_ready() const { return start_to_ready_; }

private:
    void spawn(const ServerOptions& options);
    void wait_until_ready();
    void stop();
    bool has_ended();
    std::string end_of_log() const;

    std::filesystem::path directory_;
    Target target_;
    pid_t pid_ = -1;
    Nanos start_to_ready_{0};
};

}  // namespace fc::bench
