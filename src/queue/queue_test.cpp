#include "queue/queue.h"

#include <gtest/gtest.h>

namespace fc::queue {

TEST(PoolSubject, EveryPoolCodeIsOneToken) {
    EXPECT_EQ(PoolSubject::of_pool("orders_eu-1").tokens(), "orders_eu-1");
    EXPECT_EQ(PoolSubject::of_pool("a.b").tokens(), "a%2Eb");
    EXPECT_EQ(PoolSubject::of_pool("*").tokens(), "%2A");
    EXPECT_EQ(PoolSubject::of_pool("> 50%\n").tokens(), "%3E%2050%25%0A");
    EXPECT_EQ(PoolSubject::of_pool("käse").tokens(), "k%C3%A4se");
    EXPECT_EQ(PoolSubject::of_pool("").tokens(), "default");
}

TEST(PoolSubject, NamesThePoolItWasMadeFor) {
    for (const char* key : {"default", "a.b", "*", "> 50%", "a%2Eb", "käse", "0HZXEQ5Y8JY5Z"}) {
        EXPECT_EQ(PoolSubject::of_pool(key).pool_key(), key);
    }
}

TEST(PoolSubject, KeepsWhatOtherProducersWriteUnencoded) {
    auto subject = PoolSubject::present("a.b");
    ASSERT_TRUE(subject);
    EXPECT_EQ(subject->tokens(), "a.b");
    EXPECT_EQ(subject->pool_key(), "a.b");
    EXPECT_NE(*subject, PoolSubject::of_pool("a.b"));
    EXPECT_EQ(PoolSubject::present("100%")->pool_key(), "100%");
}

TEST(PoolSubject, RefusesWhatIsNoSingleSubject) {
    for (const char* tokens : {"", "*", ">", "a.*", "a..b", ".a", "a.", "a b"}) {
        EXPECT_FALSE(PoolSubject::present(tokens)) << tokens;
    }
}

TEST(StreamState, LostStreamIsNoticedByCreationTimeOrSequence) {
    StreamState before{.created = "2026-01-01T00:00:00Z", .last_sequence = 7};
    EXPECT_TRUE(is_same_stream(before, {.created = "2026-01-01T00:00:00Z", .last_sequence = 9}));
    EXPECT_FALSE(is_same_stream(before, {.created = "2026-01-02T00:00:00Z", .last_sequence = 9}));
    EXPECT_FALSE(is_same_stream(before, {.created = "2026-01-01T00:00:00Z", .last_sequence = 6}));
}

namespace {

class RecordingMessage : public QueueMessage {
public:
    explicit RecordingMessage(std::vector<std::string>& sent) : sent_(sent) {}
    std::string_view body() const override { return {}; }
    std::string id() const override { return {}; }
    std::string group() const override { return {}; }
    unsigned deliveries() const override { return 1; }

private:
    void send_ack() override { sent_.push_back("ack"); }
    void send_nack(Millis delay) override { sent_.push_back("nack " + std::to_string(delay.count())); }
    void send_extend() override { sent_.push_back("extend"); }
    std::vector<std::string>& sent_;
};

}  // namespace

TEST(QueueMessage, FirstSettlementCounts) {
    std::vector<std::string> sent;
    RecordingMessage message{sent};
    message.extend();
    message.ack();
    message.nack(Millis{1000});
    message.extend();
    message.ack();
    EXPECT_EQ(sent, (std::vector<std::string>{"extend", "ack"}));
}

TEST(QueueMessage, NackNeverAsksForAnImmediateReturn) {
    std::vector<std::string> sent;
    RecordingMessage{sent}.nack(Millis{0});
    RecordingMessage{sent}.nack(Millis{-5});
    RecordingMessage{sent}.nack(Millis{2500});
    EXPECT_EQ(sent, (std::vector<std::string>{"nack 100", "nack 100", "nack 2500"}));
}

}  // namespace fc::queue
