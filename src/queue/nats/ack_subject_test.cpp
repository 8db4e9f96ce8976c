#include "queue/nats/ack_subject.h"

#include <gtest/gtest.h>

namespace fc::queue {

TEST(AckSubject, NamesConsumerSequenceAndDeliveries) {
    const auto ack = parse_ack_subject("$JS.ACK.DISPATCH.router-default.3.42.7.1700000000000000000.5");
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->stream, "DISPATCH");
    EXPECT_EQ(ack->consumer, "router-default");
    EXPECT_EQ(ack->deliveries, 3u);
    EXPECT_EQ(ack->sequence, 42u);
}

TEST(AckSubject, ReadsTheFormWithADomain) {
    for (const char* subject :
         {"$JS.ACK.hub.ACCOUNT.DISPATCH.router-a.1.9.2.1700000000000000000.0",
          "$JS.ACK.hub.ACCOUNT.DISPATCH.router-a.1.9.2.1700000000000000000.0.random"}) {
        const auto ack = parse_ack_subject(subject);
        ASSERT_TRUE(ack) << subject;
        EXPECT_EQ(ack->stream, "DISPATCH");
        EXPECT_EQ(ack->consumer, "router-a");
        EXPECT_EQ(ack->sequence, 9u);
    }
}

TEST(AckSubject, RefusesAnythingElse) {
    for (const char* subject :
         {"",
          "$JS.ACK.",
          "_INBOX.a.1.2",
          "$JS.ACK.DISPATCH.c.x.1.1.1.1",
          "$JS.ACK.DISPATCH.c.1.1.1.1",
          "$JS.ACK.d.DISPATCH.c.1.1.1.1.1"}) {
        EXPECT_FALSE(parse_ack_subject(subject)) << subject;
    }
}

}  // namespace fc::queue
