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
    std::filesystem::path data_parent;  ///< a fresh data directory is made in it, and removed at the end
    std::filesystem::path prepared{};   ///< a folder with a data directory that is used and stays instead
    std::vector<std::string> environment{};  ///< further NAME=value
};

/// The product, started in development mode, on an empty store unless told otherwise, and stopped with this
/// object.
class ServerProcess {
public:
    /// Returns when the server is ready. Throws std::runtime_error with the end of its output when it is not.
    explicit ServerProcess(const ServerOptions& options);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    /// Ends it and starts it again on what it stored.
    void restart();

    pid_t pid() const { return pid_; }
    std::uint16_t nats_port() const { return nats_port_; }
    const Target& target() const { return target_; }
    /// Of the last start.
    Nanos start_to_ready() const { return start_to_ready_; }

private:
    void start();
    void spawn();
    void wait_until_ready();
    void stop();
    void remove_data();
    bool has_ended();
    std::string end_of_log() const;

    ServerOptions options_;
    std::filesystem::path directory_;
    Target target_;
    pid_t pid_ = -1;
    std::uint16_t nats_port_ = 0;
    Nanos start_to_ready_{0};
};

}  // namespace fc::bench
