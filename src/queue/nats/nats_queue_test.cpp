#include "queue/nats/nats_queue.h"

#include "queue/nats/linked_server.h"
#include "queue/nats/scratch_directory_test.h"
#include "queue/queue_conformance.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>

#include <csignal>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fc::queue {

namespace {

using boost::asio::ip::tcp;

NatsConfig config_for(const std::string& url, Millis ack_wait) {
    return {.url = url, .reconnect_wait = Millis{50}, .ack_wait = ack_wait};
}

class LinkedHarness : public QueueHarness {
public:
    LinkedHarness() { start_server(); }
    std::unique_ptr<Queue> open(boost::asio::io_context& io, Millis ack_wait) override {
        auto config = config_for(server_->url(), ack_wait);
        config.server_id = server_->server_id();
        return open_nats_queue(std::move(config), io);
    }
    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    void stop_server() override { server_.reset(); }
    void start_server() override {
        server_ = LinkedNatsServer::start({.port = port_, .directory = directory_.path()}).value();
        port_ = server_->port();
    }
    void lose_data() override { std::filesystem::remove_all(directory_.path() + "/jetstream"); }

private:
    ScratchDirectory directory_;
    std::uint16_t port_ = 0;
    std::unique_ptr<LinkedNatsServer> server_;
};

/// Debian's nats-server (2.9), as a process of its own: users bring older servers than ours.
class ProcessHarness : public QueueHarness {
public:
    ProcessHarness() {
        boost::asio::io_context io;
        port_ = tcp::acceptor{io, {boost::asio::ip::make_address("127.0.0.1"), 0}}.local_endpoint().port();
        start_server();
    }
    ~ProcessHarness() override { stop_server(); }
    std::unique_ptr<Queue> open(boost::asio::io_context& io, Millis ack_wait) override {
        return open_nats_queue(config_for("nats://127.0.0.1:" + std::to_string(port_), ack_wait), io);
    }
    void stop_server() override {
        if (process_ == 0) return;
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    void start_server() override {
        const auto port = std::to_string(port_);
        const auto directory = directory_.path();
        const auto log = directory + "/server.log";
        std::vector<const char*> words = {
            "nats-server",
            "-a",
            "127.0.0.1",
            "-p",
            port.c_str(),
            "-js",
            "-sd",
            directory.c_str(),
            "-l",
            log.c_str(),
            nullptr};
        const int failed = ::posix_spawnp(
            &process_, words[0], nullptr, nullptr, const_cast<char* const*>(words.data()), environ);
        ASSERT_EQ(failed, 0) << "cannot run nats-server: make setup installs it";
        wait_until_it_answers();
    }
    void lose_data() override { std::filesystem::remove_all(directory_.path() + "/jetstream"); }

private:
    void wait_until_it_answers() {
        boost::asio::io_context io;
        Timer pause{io.get_executor()};
        for (int attempt = 0; attempt < 1'000; ++attempt) {
            tcp::socket socket{io};
            boost::system::error_code error;
            socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_}, error);
            std::string info;
            if (!error) boost::asio::read_until(socket, boost::asio::dynamic_buffer(info), "\r\n", error);
            if (!error && info.find("\"jetstream\":true") != info.npos) return;
            pause.expires_after(Millis{10});
            pause.wait();
        }
        FAIL() << "nats-server did not start";
    }

    ScratchDirectory directory_;
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    Nats,
    QueueConformance,
    testing::Values(
        QueueBackend{"linked", [] { return std::make_unique<LinkedHarness>(); }},
        QueueBackend{"process", [] { return std::make_unique<ProcessHarness>(); }}),
    [](const auto& info) { return info.param.name; });

namespace {

/// The fixture of the suite, for what only NATS has.
class NatsQueue : public QueueConformance {};

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    Linked,
    NatsQueue,
    testing::Values(QueueBackend{"linked", [] { return std::make_unique<LinkedHarness>(); }}));

TEST_P(NatsQueue, ConnectionThatTheServerEndsWithAnErrorIsOpenedAgain) {
    auto batch = std::vector<OutgoingMessage>{};
    batch.push_back(message("too long a protocol line", std::string(9'000, 'x')));
    EXPECT_EQ(run(queue->publish(std::move(batch))), std::vector{PublishOutcome::failed});
    wait_for_connection(true);
    publish({"a"});
    take();
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"a"});
}

TEST_P(NatsQueue, RefusesAnotherServerThanTheLinkedOne) {
    LinkedHarness other;
    auto config = config_for(other.url(), Millis{1'000});
    config.server_id = "NBOTHERSERVER";
    try {
        open_nats_queue(config, io);
        FAIL() << "talks to another server";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.error().detail, "another server than ours answers at " + other.url());
    }
}

TEST_P(NatsQueue, StartsBeforeItsServerDoes) {
    consumer.reset();
    queue->stop();
    harness->stop_server();
    auto config = config_for(static_cast<LinkedHarness&>(*harness).url(), Millis{30'000});
    queue = open_nats_queue(config, io);
    EXPECT_FALSE(queue->is_connected());
    harness->start_server();
    wait_for_connection(true);
    run(queue->stream());
    publish({"a"});
    take();
    EXPECT_EQ(ids(fetch(10)), std::vector<std::string>{"a"});
}

}  // namespace fc::queue
