#include "queue/nats/linked_server.h"

#include "runtime/log.h"

#include <boost/interprocess/sync/file_lock.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <libnats_server.h>

namespace fc::queue {

namespace {

using Text = std::unique_ptr<char, decltype(&std::free)>;

/// Called on threads of the server.
void log_line(int is_error, const char* text) {
    if (is_error != 0) {
        log::error("linked nats-server", {{"text", text}});
    } else {
        log::warn("linked nats-server", {{"text", text}});
    }
}

Error failed(std::string detail) {
    return unavailable("NATS_SERVER_NOT_STARTED", std::move(detail));
}

/// Creates the directory and the file in it that is locked. "" or what went wrong.
std::string prepare(const std::filesystem::path& directory, const std::filesystem::path& lock_file) {
    auto describe = [&](const std::string& reason) {
        return "directory " + directory.string() + " is not writable (NATS_DATA_DIR): " + reason;
    };
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return describe(error.message());
    errno = 0;
    std::ofstream file(lock_file, std::ios::app);
    if (!file) return describe(std::strerror(errno));
    return {};
}

}  // namespace

class LinkedNatsServer::DirectoryLock {
public:
    explicit DirectoryLock(const std::string& file) : lock_(file.c_str()) {}
    bool take() { return lock_.try_lock(); }

private:
    boost::interprocess::file_lock lock_;  // the system drops it with the process
};

LinkedNatsServer::LinkedNatsServer() = default;

Result<std::unique_ptr<LinkedNatsServer>> LinkedNatsServer::start(const LinkedServerConfig& config) {
    const std::filesystem::path directory{config.directory};
    const auto lock_file = directory / "nats.lock";
    if (auto reason = prepare(directory, lock_file); !reason.empty()) return failed(std::move(reason));

    std::unique_ptr<LinkedNatsServer> server{new LinkedNatsServer};
    server->lock_ = std::make_unique<DirectoryLock>(lock_file.string());
    if (!server->lock_->take()) {
        return failed("directory " + directory.string() + " is in use by another process (NATS_DATA_DIR)");
    }

    auto host = config.host;
    auto store = directory.string();
    const auto started = fc_nats_start(host.data(), config.port, store.data(), &log_line);
    const Text error{started.error, &std::free};
    const Text server_id{started.server_id, &std::free};
    if (error) return failed(error.get());
    server->handle_ = started.handle;
    server->port_ = static_cast<std::uint16_t>(started.port);
    server->server_id_ = server_id.get();
    const bool any_address = config.host == "0.0.0.0" || config.host == "::";
    server->url_ =
        "nats://" + (any_address ? "127.0.0.1" : config.host) + ":" + std::to_string(server->port_);
    return server;
}

LinkedNatsServer::~LinkedNatsServer() {
    if (handle_ != 0) fc_nats_stop(handle_);
}

}  // namespace fc::queue
