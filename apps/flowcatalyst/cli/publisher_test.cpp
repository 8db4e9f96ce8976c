#include "flowcatalyst/cli/publisher.h"

#include "http/scripted_server.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace fc::cli {
namespace {

using http::ScriptedServer;
using Lines = std::vector<std::string>;

/// An answer of the API, in a script.
http::Step answer(const std::string& status, const std::string& body) {
    return http::write(
        "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

http::Step stored(const std::string& events) {
    return answer("201 Created", R"({"count":1,"events":[)" + events + "]}");
}

/// Publishes a file to a server that gives scripted answers, one a request.
class PublisherRun {
public:
    PublisherRun(std::string_view file, const std::vector<http::Step>& answers, std::size_t batch = 100) {
        ScriptedServer::Script script;
        for (const auto& step : answers) {
            script.push_back(http::read_request());
            script.push_back(step);
        }
        boost::asio::io_context io;
        ScriptedServer server(io, {script});
        http::Client client(io.get_executor());
        Publisher::Options options;
        options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
        options.token = "t";
        options.batch_events_max = batch;
        options.refused = [this](const std::string& problem) { problems.push_back(problem); };
        options.progress = [](const PublishCounts&) {};
        Publisher publisher(std::move(options));
        boost::asio::co_spawn(
            io, publisher.publish(&client, read_events(file).value()), [&](const std::exception_ptr& thrown) {
                failure = why(thrown);
                io.stop();
            });
        io.run();
        counts = publisher.counts();
        for (const auto& request : server.requests)
            bodies.push_back(request.substr(request.find("\r\n\r\n") + 4));
        if (!server.requests.empty()) first_head = server.requests[0];
    }

    PublishCounts counts;
    Lines problems;
    Lines bodies;
    std::string first_head;
    std::string failure;

private:
    static std::string why(const std::exception_ptr& thrown) {
        if (!thrown) return "";
        try {
            std::rethrow_exception(thrown);
        } catch (const Failure& failure) {
            return failure.error().detail;
        }
    }
};

TEST(Publisher, AsksAgainWhenTheServerHasNoTime) {
    const PublisherRun run(
        R"([{"n":1}])",
        {http::write("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"),
         http::write("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"),
         stored("{}")});
    EXPECT_EQ(run.failure, "");
    EXPECT_EQ(run.counts.accepted, 1U);
    ASSERT_EQ(run.bodies.size(), 3U);
    EXPECT_EQ(run.bodies[0], run.bodies[2]);
}

TEST(Publisher, SendsBatchesInOrderAndCountsDuplicates) {
    const PublisherRun run("[1,2,3]", {stored(R"({},{"duplicate":true})"), stored("{}")}, 2);
    EXPECT_EQ(run.bodies, (Lines{R"({"events":[1,2]})", R"({"events":[3]})"}));
    EXPECT_EQ(run.counts.accepted, 2U);
    EXPECT_EQ(run.counts.duplicates, 1U);
    EXPECT_TRUE(run.first_head.starts_with("POST /api/events/batch HTTP/1.1\r\n"));
    EXPECT_NE(run.first_head.find("\r\nAuthorization: Bearer t\r\n"), std::string::npos);
}

TEST(Publisher, LeavesOutTheRefusedEventAndPublishesTheOthers) {
    const auto refusal = answer(
        "400 Bad Request",
        R"({"detail":"no","errors":[{"pointer":"/events/1/type","detail":"is required"}]})");
    const PublisherRun run("[1,2,3,4]", {stored("{},{}"), refusal, stored("{}")}, 2);
    EXPECT_EQ(run.bodies.back(), R"({"events":[3]})");
    EXPECT_EQ(run.problems, Lines{"/3/type is required"});
    EXPECT_EQ(run.counts.accepted, 3U);
    EXPECT_EQ(run.counts.refused, 1U);
}

TEST(Publisher, FindsTheRefusedEventByHalvesWhenTheAnswerDoesNotNameIt) {
    const auto refusal = answer("413 Content Too Large", R"({"detail":"too large"})");
    const PublisherRun run(
        "{\"n\":1}\n{\"n\":2}\n{\"n\":3}", {refusal, stored("{}"), refusal, refusal, stored("{}")});
    EXPECT_EQ(run.bodies.back(), R"({"events":[{"n":3}]})");
    EXPECT_EQ(run.problems, Lines{"line 2: too large"});
    EXPECT_EQ(run.counts.accepted, 2U);
}

TEST(Publisher, StopsAtAnAnswerThatIsNotAboutTheEvents) {
    const PublisherRun run(
        "[1,2]", {stored("{}"), answer("401 Unauthorized", R"({"detail":"no such token"})")}, 1);
    EXPECT_NE(run.failure.find("answered 401 no such token"), std::string::npos) << run.failure;
    EXPECT_EQ(run.counts.accepted, 1U);
}

TEST(Publisher, DoesNotTakeAnyAnswerForAStoredBatch) {
    const PublisherRun run("[1]", {answer("200 OK", "<html>")});
    EXPECT_NE(run.failure.find("is it a FlowCatalyst server?"), std::string::npos) << run.failure;
    EXPECT_EQ(run.counts.all(), 0U);
}

}  // namespace
}  // namespace fc::cli
