#include "runtime/service.h"

#include "runtime/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace fc {
namespace {

namespace asio = boost::asio;

class Runner {
public:
    Runner(asio::io_context& io, std::vector<Service*> services, RunOptions options)
        : io_(io),
          services_(std::move(services)),
          options_(options),
          signals_(io, SIGINT, SIGTERM),
          grace_(io.get_executor()) {}

    int run() {
        wait_for_signal();
        for (auto* service : services_) {
            ++running_;
            asio::co_spawn(io_, service->run(), [this, service](const std::exception_ptr& failure) {
                ended(*service, failure);
            });
        }
        io_.run();
        return exit_code_;
    }

private:
    void wait_for_signal() {
        signals_.async_wait([this](boost::system::error_code error, int number) {
            if (error) return;
            if (stopping_) ::_exit(128 + number);
            log::info("stopping", {{"signal", number}});
            wait_for_signal();
            begin_stop();
        });
    }

    void ended(const Service& service, const std::exception_ptr& failure) {
        --running_;
        if (failure) report(service, failure);
        if (failure && !stopping_) {
            exit_code_ = 1;
            begin_stop();
        }
        finish_if_done();
    }

    static void report(const Service& service, const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::error("service failed", {{"service", service.name()}, {"error", error.what()}});
        }
    }

    void begin_stop() {
        if (std::exchange(stopping_, true)) return;
        asio::co_spawn(io_, stop_all(), [this](const std::exception_ptr& failure) {
            if (failure) exit_code_ = 1;
            stopped_ = true;
            give_up_later();
            finish_if_done();
        });
    }

    // Every service was stopped; one whose run() does not return then must not keep the process.
    void give_up_later() {
        grace_.expires_after(seconds{1});
        grace_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            log::error("services still run after their stop", {{"services", running_}});
            exit_code_ = 1;
            io_.stop();
        });
    }

    Task<> stop_all() {
        for (auto it = services_.rbegin(); it != services_.rend(); ++it) {
            try {
                co_await (*it)->stop(options_.stop_deadline);
            } catch (const std::exception& error) {
                exit_code_ = 1;
                log::error("service did not stop", {{"service", (*it)->name()}, {"error", error.what()}});
            }
        }
    }

    void finish_if_done() {
        if (running_ > 0 || !(stopped_ || !stopping_)) return;
        signals_.cancel();
        grace_.cancel();
        io_.stop();
    }

    asio::io_context& io_;
    std::vector<Service*> services_;
    RunOptions options_;
    asio::signal_set signals_;
    Timer grace_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    bool stopped_ = false;
    int exit_code_ = 0;
};

}  // namespace

int run_services(asio::io_context& io, std::vector<Service*> services, RunOptions options) {
    return Runner(io, std::move(services), options).run();
}

}  // namespace fc
