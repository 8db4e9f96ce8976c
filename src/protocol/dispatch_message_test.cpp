#include "protocol/dispatch_message.h"

#include <gtest/gtest.h>

namespace fc::protocol {
namespace {

TEST(DispatchMessage, ReadsWhatOtherProducersWrite) {
    const auto message = parse_dispatch_message(
        R"({"id":"0HZXEQ5Y8JY5Z","poolCode":"DEFAULT-POOL","authToken":"ab12","mediationType":"HTTP",)"
        R"("mediationTarget":"http://localhost:8080/api/dispatch/process","messageGroupId":"order-1",)"
        R"("highPriority":true,"signingSecret":"of a sibling edition"})");
    ASSERT_TRUE(message) << message.error().detail;
    EXPECT_EQ(message->id, "0HZXEQ5Y8JY5Z");
    EXPECT_EQ(message->pool_code, "DEFAULT-POOL");
    EXPECT_EQ(message->auth_token.reveal(), "ab12");
    EXPECT_EQ(message->mediation_target, "http://localhost:8080/api/dispatch/process");
    EXPECT_EQ(message->message_group_id, "order-1");
    EXPECT_TRUE(message->high_priority);
}

TEST(DispatchMessage, OnlyTheIdMustBeThere) {
    const auto message = parse_dispatch_message(R"({"id":"1","messageGroupId":null})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->pool_code, "");
    EXPECT_EQ(message->message_group_id, "");
    EXPECT_TRUE(message->auth_token.empty());
    EXPECT_FALSE(message->high_priority);
}

TEST(DispatchMessage, RefusesWhatIsNoPointer) {
    for (const char* body :
         {"",
          "no json",
          "[]",
          "{}",
          R"({"id":""})",
          R"({"id":7})",
          R"({"id":null})",
          R"({"id":"1","mediationType":"SMTP"})",
          R"({"id":"1","poolCode":["a"]})"}) {
        EXPECT_FALSE(parse_dispatch_message(body)) << body;
    }
}

TEST(DispatchMessage, WritesTheNamesOfTheWire) {
    DispatchMessage message;
    message.id = "1";
    message.pool_code = "default";
    message.auth_token = Secret{"ab12"};
    message.mediation_target = "http://localhost";
    EXPECT_EQ(
        to_body(message),
        R"({"id":"1","poolCode":"default","authToken":"ab12","mediationType":"HTTP",)"
        R"("mediationTarget":"http://localhost","messageGroupId":"","highPriority":false})");
    EXPECT_EQ(parse_dispatch_message(to_body(message))->auth_token.reveal(), "ab12");
}

}  // namespace
}  // namespace fc::protocol
