#include "queue/nats/linked_server.h"

#include "queue/nats/scratch_directory_test.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace fc::queue {

namespace {

using boost::asio::ip::tcp;

std::string greeting(std::uint16_t port) {
    boost::asio::io_context io;
    tcp::socket socket{io};
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    std::string text;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n");
    return text;
}

LinkedServerConfig any_port(const ScratchDirectory& directory) {
    return {.port = 0, .directory = directory.path()};
}

volatile std::sig_atomic_t signal_seen = 0;
void remember_signal(int number) {
    signal_seen = number;
}

}  // namespace

TEST(LinkedNatsServer, GreetsAnyNatsClient) {
    ScratchDirectory directory;
    auto server = LinkedNatsServer::start(any_port(directory)).value();
    const auto text = greeting(server->port());
    EXPECT_EQ(text.substr(0, 5), "INFO ");
    EXPECT_NE(text.find(server->server_id()), std::string::npos) << text;
    EXPECT_NE(text.find("\"jetstream\":true"), std::string::npos) << text;
}

TEST(LinkedNatsServer, RefusesAPortThatIsTaken) {
    boost::asio::io_context io;
    tcp::acceptor other{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    const auto port = other.local_endpoint().port();
    ScratchDirectory directory;
    auto started = LinkedNatsServer::start({.port = port, .directory = directory.path()});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().detail, "port " + std::to_string(port) + " is already in use (NATS_PORT)");
}

TEST(LinkedNatsServer, RefusesADirectoryThatCannotBeWritten) {
    ScratchDirectory directory;
    const auto file = directory.path() + "/file";
    std::ofstream{file} << "no directory";
    auto started = LinkedNatsServer::start({.port = 0, .directory = file + "/nats"});
    ASSERT_FALSE(started);
    EXPECT_EQ(
        started.error().detail,
        "directory " + file + "/nats is not writable (NATS_DATA_DIR): Not a directory");
}

TEST(LinkedNatsServer, RefusesADirectoryOfAnotherProcess) {
    ScratchDirectory directory;
    auto server = LinkedNatsServer::start(any_port(directory)).value();
    // A second program, not a fork of this one: the server's threads do not survive a fork.
    setenv("FC_TEST_NATS_DIRECTORY", directory.path().c_str(), 1);
    const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto command = self +
                         " --gtest_filter=*DISABLED_StartsInGivenDirectory --gtest_also_run_disabled_tests"
                         " | grep -q 'is in use by another process (NATS_DATA_DIR)'";
    const int status = std::system(command.c_str());
    unsetenv("FC_TEST_NATS_DIRECTORY");
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "the second process was not refused";
}

TEST(LinkedNatsServer, DISABLED_StartsInGivenDirectory) {
    const char* directory = std::getenv("FC_TEST_NATS_DIRECTORY");
    ASSERT_NE(directory, nullptr);
    auto started = LinkedNatsServer::start({.port = 0, .directory = directory});
    EXPECT_TRUE(started) << started.error().detail;
}

TEST(LinkedNatsServer, StartsAgainOnItsPortAndDirectory) {
    ScratchDirectory directory;
    auto server = LinkedNatsServer::start(any_port(directory)).value();
    const auto port = server->port();
    server.reset();
    server = LinkedNatsServer::start({.port = port, .directory = directory.path()}).value();
    EXPECT_EQ(server->port(), port);
    EXPECT_EQ(greeting(port).substr(0, 5), "INFO ");
}

TEST(LinkedNatsServer, LeavesSignalsToUs) {
    ScratchDirectory directory;
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR2}) {
        auto* before = std::signal(number, &remember_signal);
        auto server = LinkedNatsServer::start(any_port(directory)).value();
        signal_seen = 0;
        std::raise(number);
        EXPECT_EQ(signal_seen, number);
        EXPECT_EQ(greeting(server->port()).substr(0, 5), "INFO ") << "still serving after signal " << number;
        server.reset();
        std::signal(number, before);
    }
}

}  // namespace fc::queue
