#include "flowcatalyst/cli/listener.h"

#include "base/encoding.h"
#include "http/client.h"
#include "runtime/clock.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace fc::cli {
namespace {

using Kind = http::TransportFailureKind;
constexpr seconds stop_deadline{1};
constexpr const char* first_id = "0HZXEQ5Y8JY50";
constexpr const char* second_id = "0HZXEQ5Y8JY51";

http::ClientRequest delivery(const std::string& id, const std::string& group = "") {
    http::ClientRequest request;
    request.body = "{}";
    request.headers = {
        {"webhook-id", id}, {"X-FlowCatalyst-Attempt", "1"}, {"X-FlowCatalyst-Code", "order.created"}};
    if (!group.empty()) request.headers.add("X-FlowCatalyst-Message-Group", group);
    request.total_timeout = Millis{300};
    request.egress_checked = false;
    return request;
}

/// Deliveries to a listener, one after the other.
class ListenerRun {
public:
    ListenerRun(ListenerOptions options, std::vector<http::ClientRequest> requests) {
        boost::asio::io_context io;
        options.port = 0;
        Listener listener(
            io, std::move(options), [this](std::string_view line) { lines.emplace_back(line); });
        http::Client client(io.get_executor());
        for (auto& request : requests) {
            request.url = "http://127.0.0.1:" + std::to_string(listener.port()) + "/hook";
        }
        boost::asio::co_spawn(io, listener.run(), [](const std::exception_ptr&) {});
        boost::asio::co_spawn(
            io, deliver(&listener, &client, std::move(requests)), [&](const std::exception_ptr& failure) {
                EXPECT_FALSE(failure);
                io.stop();
            });
        io.run();
        counts = listener.counts();
    }

    bool has_line(std::size_t at, const std::string& part) const {
        return lines.at(at).find(part) != std::string::npos;
    }

    std::vector<http::ClientResponse> responses;
    std::vector<std::string> lines;
    ListenerCounts counts;

private:
    Task<> deliver(Listener* listener, http::Client* client, std::vector<http::ClientRequest> requests) {
        for (auto& request : requests) responses.push_back(co_await client->send(std::move(request)));
        co_await listener->stop(stop_deadline);
    }
};

TEST(Listener, PrintsALineADelivery) {
    const ListenerRun run({}, {delivery(first_id)});
    EXPECT_EQ(run.responses[0].status, 200);
    EXPECT_TRUE(
        run.has_line(0, "0HZXEQ5Y8JY50  attempt 1  order.created  2 bytes  signature unchecked  -> 200"));
}

TEST(Listener, CountsWhatComesAgainAndOutOfOrder) {
    const ListenerRun run({}, {delivery(second_id, "g"), delivery(second_id, "g"), delivery(first_id, "g")});
    EXPECT_TRUE(run.has_line(0, "group g  order ok  -> 200"));
    EXPECT_TRUE(run.has_line(1, "order ok  again"));
    EXPECT_TRUE(run.has_line(2, "OUT OF ORDER"));
    EXPECT_EQ(run.counts.again, 1U);
    EXPECT_EQ(run.counts.out_of_order, 1U);
}

TEST(Listener, FindsTheGroupInTheEnvelope) {
    auto enveloped = delivery(first_id);
    enveloped.headers.add("X-FlowCatalyst-Causation-ID", "E1");
    enveloped.body = R"({"id":"E1","messageGroup":"g\u001b","data":{}})";
    auto foreign = enveloped;
    foreign.body = R"({"id":"E2","messageGroup":"g"})";
    const ListenerRun run({}, {enveloped, foreign});
    EXPECT_TRUE(run.has_line(0, "group g?  order ok"));
    EXPECT_FALSE(run.has_line(1, "group"));
}

TEST(Listener, MisbehavesAsTold) {
    ListenerOptions options;
    options.misbehaviour = Misbehaviour::parse("503,timeout,reset").value();
    const ListenerRun run(std::move(options), {delivery(first_id), delivery(first_id), delivery(first_id)});
    EXPECT_EQ(run.responses[0].status, 503);
    EXPECT_EQ(run.responses[1].failure->kind, Kind::timeout);
    EXPECT_EQ(run.responses[2].failure->kind, Kind::reset);
    EXPECT_EQ(run.counts.accepted, 0U);
    EXPECT_TRUE(run.has_line(1, "-> no answer"));
}

TEST(Listener, AnswersABadSignatureWith401) {
    ListenerOptions options;
    options.signatures = SignatureCheck::with(Secret("secret")).value();
    auto good = delivery(first_id);
    const auto now = std::to_string(to_unix_millis(SystemClock{}.wall()) / 1'000);
    const auto content = std::string(first_id) + "." + now + "." + good.body;
    good.headers.add("webhook-timestamp", now);
    good.headers.add("webhook-signature", "v1," + to_base64(hmac_sha256("secret", content)));
    good.headers.add("X-FlowCatalyst-Timestamp", now);
    good.headers.add("X-FlowCatalyst-Signature", to_hex(hmac_sha256("secret", now + good.body)));
    auto bad = good;
    bad.body = "[]";
    const ListenerRun run(std::move(options), {good, bad});
    EXPECT_EQ(run.responses[0].status, 200);
    EXPECT_TRUE(run.has_line(0, "signature valid"));
    EXPECT_EQ(run.responses[1].status, 401);
    EXPECT_TRUE(run.has_line(1, "signature INVALID (webhook-signature does not match)"));
    EXPECT_EQ(run.counts.bad_signatures, 1U);
}

TEST(Listener, NamesThePortThatIsTaken) {
    boost::asio::io_context io;
    ListenerOptions options;
    options.port = 0;
    const Listener first(io, options, {});
    options.port = first.port();
    try {
        const Listener second(io, options, {});
        FAIL();
    } catch (const std::exception& failure) {
        EXPECT_NE(std::string(failure.what()).find(std::to_string(options.port)), std::string::npos);
    }
}

}  // namespace
}  // namespace fc::cli
