#include "bench/receiver.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fc::bench {
namespace {

constexpr std::string_view key = "0123456789abcdef0123456789abcdef";
const SignedParts parts{.id = "0HZXEQ5Y8JY5Z", .timestamp = "1700000000", .body = R"({"a":1})"};

TEST(Signature, IsHmacOfIdTimestampAndBody) {
    const auto right = "v1," + to_base64(hmac_sha256(key, R"(0HZXEQ5Y8JY5Z.1700000000.{"a":1})"));
    EXPECT_TRUE(is_signed(key, parts, right));
    EXPECT_TRUE(is_signed(key, parts, "v1,AAAA " + right));
    EXPECT_FALSE(is_signed("another key", parts, right));
    EXPECT_FALSE(is_signed(key, {.id = parts.id, .timestamp = parts.timestamp, .body = "{}"}, right));
    EXPECT_FALSE(is_signed(key, parts, ""));
}

/// A client of the receiver, on the same loop.
class ReceiverTest : public ::testing::Test {
protected:
    std::string exchange(
        Receiver& receiver, const std::string& body, const std::string& headers = "", unsigned target = 0) {
        Fd socket = connect_to({.port = receiver.port(target)});
        set_nonblocking(socket);
        Stream stream{std::move(socket)};
        stream.write(
            "POST / HTTP/1.1\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body);
        const Nanos until = steady_now() + std::chrono::seconds{2};
        while (stream.unread().empty() && steady_now() < until) {
            const Nanos now = steady_now();
            loop_.run_once(std::min(receiver.pump(now), now + std::chrono::milliseconds{5}));
            stream.read();
        }
        return std::string{stream.unread().substr(0, 12)};
    }
    std::string body_of(std::uint64_t number, std::uint32_t group = 1) {
        Payload payload{tag_, 120};
        write_mark(
            payload.text.data() + payload.mark_at,
            Mark{.number = number, .group = group, .intended = Nanos{1}});
        return payload.text;
    }

    std::string tag_ = "0a1b2c3d";
    EventLoop loop_;
    Checker checker_{1};
};

TEST_F(ReceiverTest, TellsTheCheckerAndAnswersSuccess) {
    Receiver receiver{loop_, checker_, {.load = {.bytes = 120}}, tag_};
    checker_.accept(checker_.send(1), 1);
    EXPECT_EQ(exchange(receiver, body_of(0)), "HTTP/1.1 200");
    EXPECT_EQ(checker_.missing(), 0U);
    EXPECT_EQ(receiver.damaged(), 0U);
}

TEST_F(ReceiverTest, FailedDeliveryDoesNotCount) {
    Receiver receiver{loop_, checker_, {.fail_share = 1, .load = {.bytes = 120}}, tag_};
    checker_.accept(checker_.send(1), 1);
    EXPECT_EQ(exchange(receiver, body_of(0)), "HTTP/1.1 500");
    EXPECT_EQ(checker_.missing(), 1U);
}

TEST_F(ReceiverTest, DelaysItsAnswer) {
    Receiver receiver{
        loop_, checker_, {.delay = std::chrono::milliseconds{30}, .load = {.bytes = 120}}, tag_};
    checker_.accept(checker_.send(1), 1);
    const Nanos begin = steady_now();
    EXPECT_EQ(exchange(receiver, body_of(0)), "HTTP/1.1 200");
    EXPECT_GE(steady_now() - begin, std::chrono::milliseconds{30});
}

TEST_F(ReceiverTest, ChangedBodyIsDamaged) {
    Receiver receiver{loop_, checker_, {.load = {.bytes = 120}}, tag_};
    checker_.accept(checker_.send(1), 1);
    exchange(receiver, body_of(0) + "\n");
    EXPECT_EQ(receiver.damaged(), 1U);
}

TEST_F(ReceiverTest, EventOfAnotherTargetIsDamaged) {
    Receiver receiver{loop_, checker_, {.load = {.bytes = 120, .types = 2}}, tag_};
    checker_.accept(checker_.send(1), 1);
    exchange(receiver, body_of(0), "", 1);  // group 1 of two types
    EXPECT_EQ(receiver.damaged(), 0U);
    exchange(receiver, body_of(0), "", 0);
    EXPECT_EQ(receiver.damaged(), 1U);
}

TEST_F(ReceiverTest, EachTargetTakesItsOwnCopy) {
    Checker checker{1, 2};
    Receiver receiver{loop_, checker, {.load = {.bytes = 120, .copies = 2}}, tag_};
    checker.accept(checker.send(1), 1);
    exchange(receiver, body_of(0), "", 1);
    EXPECT_EQ(checker.missing(), 1U);
    exchange(receiver, body_of(0), "", 0);
    EXPECT_EQ(checker.missing(), 0U);
    EXPECT_EQ(checker.totals().duplicated, 0U);
}

TEST_F(ReceiverTest, OnlyTheFirstTargetIsSlowAndUntimed) {
    const ReceiverOptions options{
        .delay = std::chrono::milliseconds{30},
        .delays_first_target_only = true,
        .load = {.bytes = 120, .types = 2}};
    Checker checker{2};
    checker.measure_from(Nanos{1});
    Receiver receiver{loop_, checker, options, tag_};
    checker.accept(checker.send(2), 2);
    Nanos begin = steady_now();
    exchange(receiver, body_of(0, 2), "", 0);
    EXPECT_GE(steady_now() - begin, std::chrono::milliseconds{30});
    EXPECT_EQ(checker.latencies().count(), 0U);
    begin = steady_now();
    exchange(receiver, body_of(1, 1), "", 1);
    EXPECT_LT(steady_now() - begin, std::chrono::milliseconds{30});
    EXPECT_EQ(checker.latencies().count(), 1U);
    EXPECT_EQ(receiver.damaged(), 0U);
}

TEST_F(ReceiverTest, SeesWrongSignature) {
    Receiver receiver{loop_, checker_, {.verify_every = 1, .load = {.bytes = 120}}, tag_};
    receiver.use_secret("whsec_" + to_base64(key));
    checker_.accept(checker_.send(2), 2);
    const auto signature = to_base64(hmac_sha256(key, "id.1700000000." + body_of(0)));
    const auto headers =
        "Webhook-Id: id\r\nWebhook-Timestamp: 1700000000\r\nWebhook-Signature: v1," + signature + "\r\n";
    exchange(receiver, body_of(0), headers);
    EXPECT_EQ(receiver.signatures_wrong(), 0U);
    exchange(receiver, body_of(1), headers);
    EXPECT_EQ(receiver.signatures_wrong(), 1U);
    EXPECT_EQ(receiver.signatures_checked(), 2U);
}

}  // namespace
}  // namespace fc::bench
