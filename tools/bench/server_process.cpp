#include "bench/server_process.h"

#include "bench/api_call.h"
#include "bench/event_loop.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace fc::bench {
namespace {

constexpr Nanos ready_timeout = std::chrono::seconds{30};
constexpr Nanos stop_timeout = std::chrono::seconds{30};
constexpr Nanos poll_interval = std::chrono::milliseconds{1};
constexpr std::size_t log_bytes_shown = 2'000;

std::string contents(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::filesystem::path make_directory(const std::filesystem::path& parent) {
    std::filesystem::create_directories(parent);
    std::string name = (std::filesystem::absolute(parent) / "fc-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    return name;
}

void wait(Nanos time) {
    const timespec request{.tv_sec = 0, .tv_nsec = time.count()};
    nanosleep(&request, nullptr);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

}  // namespace

ServerProcess::ServerProcess(const ServerOptions& options)
    : options_(options),
      directory_(options.prepared.empty() ? make_directory(options.data_parent) : options.prepared) {
    try {
        start();
    } catch (...) {
        remove_data();
        throw;
    }
}

ServerProcess::~ServerProcess() {
    stop();
    remove_data();
}

void ServerProcess::restart() {
    stop();
    start();
}

void ServerProcess::start() {
    try {
        spawn();
        wait_until_ready();
    } catch (...) {
        stop();
        throw;
    }
}

void ServerProcess::remove_data() {
    if (!options_.prepared.empty()) return;
    std::error_code ignored;  // what stays behind is a directory named fc-bench-*, and nobody to tell
    std::filesystem::remove_all(directory_, ignored);
}

void ServerProcess::spawn() {
    target_.address.port = free_port();
    nats_port_ = free_port();
    const auto data = directory_ / "data";
    // Nothing of the caller's environment: a setting that is exported somewhere would change the figures
    // unseen.
    std::vector<std::string> environment{
        "PATH=/usr/bin:/bin",
        "FLOWCATALYST_DEV=true",
        "LOG_LEVEL=warn",
        "HTTP_PORT=" + std::to_string(target_.address.port),
        "NATS_PORT=" + std::to_string(nats_port_),
        "ROUTER_TARGETS=127.0.0.1",
        "DATA_DIR=" + data.string(),
        "NATS_DATA_DIR=" + (data / "nats").string()};
    environment.insert(environment.end(), options_.environment.begin(), options_.environment.end());
    std::vector<std::string> arguments{options_.binary.string()};
    const std::string log = (directory_ / "log").string();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    const int error = posix_spawn(
        &pid_,
        options_.binary.c_str(),
        &actions,
        nullptr,
        pointers(arguments).data(),
        pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        pid_ = -1;
        throw std::runtime_error("cannot start " + options_.binary.string() + ": " + std::strerror(error));
    }
}

bool ServerProcess::has_ended() {
    if (pid_ < 0 || waitpid(pid_, nullptr, WNOHANG) != pid_) return pid_ < 0;
    pid_ = -1;
    return true;
}

std::string ServerProcess::end_of_log() const {
    const auto text = contents(directory_ / "log");
    return text.size() > log_bytes_shown ? text.substr(text.size() - log_bytes_shown) : text;
}

void ServerProcess::wait_until_ready() {
    const Nanos begin = steady_now();
    for (;;) {
        if (has_ended()) throw std::runtime_error("the server ended before it was ready:\n" + end_of_log());
        try {
            if (call_api(target_, "GET /q/health/ready").status == 200) break;
        } catch (const std::system_error&) {
            // Nobody listens yet.
        }
        if (steady_now() - begin > ready_timeout)
            throw std::runtime_error("the server is not ready:\n" + end_of_log());
        wait(poll_interval);
    }
    start_to_ready_ = steady_now() - begin;
    target_.token = contents(directory_ / "data" / "dev-token");
    while (!target_.token.empty() && target_.token.back() == '\n') target_.token.pop_back();
    if (target_.token.empty())
        throw std::runtime_error("the server wrote no dev-token into its data directory");
}

void ServerProcess::stop() {
    if (!has_ended()) {
        kill(pid_, SIGTERM);
        const Nanos begin = steady_now();
        while (!has_ended()) {
            if (steady_now() - begin > stop_timeout) {
                std::cerr << "bench: the server did not end on SIGTERM, killed\n";
                kill(pid_, SIGKILL);
                waitpid(pid_, nullptr, 0);
                pid_ = -1;
            } else {
                wait(poll_interval);
            }
        }
    }
}

}  // namespace fc::bench
