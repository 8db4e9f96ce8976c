#pragma once

#include "base/random.h"
#include "http/problem.h"
#include "http/route_table.h"
#include "http/routes.h"
#include "runtime/blocking_pool.h"
#include "store/embedded/embedded_store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// For tests of an API: its real routes on the embedded store in a scratch directory, in process, on a manual
/// clock.
namespace fc::resource::testing {

/// A caller who works for a client and may do what `granted` says.
inline http::Caller client_caller(Tsid client_id, std::vector<std::string> granted = {"*"}) {
    http::Caller caller;
    caller.client_id = Id<Client>(client_id);
    caller.permissions = std::make_shared<const http::PermissionSet>(std::move(granted));
    return caller;
}

class ApiFixture : public ::testing::Test {
public:
    ApiFixture() { std::filesystem::create_directories(directory_); }
    ~ApiFixture() override {
        store_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    store::Store& store() {
        if (!store_) {
            store::EmbeddedStoreConfig config;
            config.path = directory_ / "store.db";
            store_ = store::open_embedded_store(config, io, threads_, clock);
        }
        return *store_;
    }
    /// As after a restart of the process.
    void reopen_store() { store_.reset(); }
    void serve(http::Routes routes) { routes_ = http::RouteTable(routes.take()); }

    /// What the task ends with; its failure is thrown here.
    template <class T>
    T run(Task<T> task) {
        std::optional<std::exception_ptr> ended;
        std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
        auto wrapped = keep(std::move(task), &value);
        boost::asio::co_spawn(
            io, std::move(wrapped), [&](std::exception_ptr thrown) { ended = std::move(thrown); });
        io.restart();
        const auto guard = boost::asio::make_work_guard(io);
        while (!ended) io.run_one();
        if (*ended) std::rethrow_exception(*ended);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }

    /// Turns the io_context until `done`, at most five seconds.
    template <class Done>
    void run_until(const Done& done) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        const auto guard = boost::asio::make_work_guard(io);
        io.restart();
        while (!done() && std::chrono::steady_clock::now() < give_up) io.run_one_until(give_up);
        EXPECT_TRUE(done()) << "waited for it in vain";
    }

    /// A request of `caller`, as the server answers it.
    http::Response send(std::string_view method, std::string_view target, std::string body = "") {
        const auto path = target.substr(0, target.find('?'));
        http::RequestData data;
        data.head.method_text = method;
        data.head.method = method_of(method);
        data.head.path = path;
        data.head.query = target.substr(std::min(target.size(), path.size() + 1));
        data.head.fields = fields;
        data.correlation_id = "test";
        data.caller = caller;
        const auto size = body.size();
        body.append(64, '\0');  // what the JSON parser may read behind it
        data.body = std::string_view(body).substr(0, size);
        const auto match = routes_.find(data.head.method, path, data.parameters);
        if (!match.route) return http::problem_response(404, "NO_ROUTE", "no such route", path);
        const auto permission = match.route->access.permission();
        if (!caller.may(permission)) {
            return http::problem_response(403, "FORBIDDEN", std::string(permission), path);
        }
        try {
            if (match.route->now) return match.route->now(http::Request(data));
            return run(match.route->later(http::Request(data)));
        } catch (const Failure& expected) {
            return http::to_response(expected.error(), path);
        }
    }

    boost::asio::io_context io{1};
    ManualClock clock;
    TsidGenerator ids{clock};
    http::Caller caller = http::administrator(Id<Principal>{1}, "tester");
    std::vector<http::RequestHead::Field> fields;  ///< of the requests to come

private:
    static http::Method method_of(std::string_view method) {
        using enum http::Method;
        for (const auto known : {get, post, put, patch}) {
            if (http::to_string(known) == method) return known;
        }
        return http::Method::remove;
    }
    template <class T, class Value>
    static Task<> keep(Task<T> task, Value* value) {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
            value->emplace(true);
        } else {
            value->emplace(co_await std::move(task));
        }
    }

    std::filesystem::path directory_ =
        std::filesystem::path("/dev/shm") / ("fc-api-" + std::to_string(random_u64()));
    BlockingPool threads_{2};
    std::unique_ptr<store::Store> store_;
    http::RouteTable routes_;
};

/// `"name":value` as it stands in a JSON body.
inline bool has(const http::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
}
/// The text of a string member; "" when absent.
inline std::string text_of(const http::Response& response, std::string_view member) {
    const auto key = '"' + std::string(member) + "\":\"";
    const auto at = response.body.find(key);
    if (at == std::string::npos) return {};
    const auto begin = at + key.size();
    return response.body.substr(begin, response.body.find('"', begin) - begin);
}

}  // namespace fc::resource::testing
