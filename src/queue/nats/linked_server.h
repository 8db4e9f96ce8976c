#pragma once

#include "base/error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fc::queue {

struct LinkedServerConfig {
    std::string host = "127.0.0.1";
    std::uint16_t port = 4222;  ///< 0: any free port
    std::string directory = "./data/nats";
};

/// The real nats-server with JetStream, running inside this process and reachable with any NATS client. It
/// takes no signals; its warnings and errors go to our log. One process owns the directory.
class LinkedNatsServer {
public:
    /// Blocks some milliseconds, until clients can connect. The error names the setting at fault: a port that
    /// is taken (NATS_PORT), a directory that cannot be written or belongs to another process
    /// (NATS_DATA_DIR).
    static Result<std::unique_ptr<LinkedNatsServer>> start(const LinkedServerConfig& config);
    /// Waits until the server has closed its files.
    ~LinkedNatsServer();
    LinkedNatsServer(const LinkedNatsServer&) = delete;
    LinkedNatsServer& operator=(const LinkedNatsServer&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& url() const { return url_; }
    /// For NatsConfig::server_id: a client that meets another server under this URL refuses it.
    const std::string& server_id() const { return server_id_; }

private:
    class DirectoryLock;
    LinkedNatsServer();

    std::unique_ptr<DirectoryLock> lock_;
    int handle_ = 0;
    std::uint16_t port_ = 0;
    std::string url_;
    std::string server_id_;
};

}  // namespace fc::queue
