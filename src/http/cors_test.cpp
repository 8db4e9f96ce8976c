#include "http/cors.h"

#include "http/test_server.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

TEST(Cors, B48_AnswersPreflightsOfAllowedOrigins) {
    testing::TestServer server({});
    testing::TestClient client(server.port());
    const std::string_view ask = "Origin: http://localhost:4200\r\nAccess-Control-Request-Method: PATCH\r\n";
    const auto answer = client.send("OPTIONS", "/anything", "", ask);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "http://localhost:4200");
    EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "true");
    EXPECT_NE(answer.header("Access-Control-Allow-Methods").find("PATCH"), std::string::npos);
    EXPECT_NE(answer.header("Access-Control-Allow-Headers").find("X-Causation-ID"), std::string::npos);
    const auto foreign = client.send("GET", "/anything", "", "Origin: http://evil.example\r\n");
    EXPECT_EQ(foreign.header("Access-Control-Allow-Origin"), "");
    EXPECT_EQ(foreign.header("Vary"), "Origin");
}

TEST(Cors, WildcardsAndWhatTheyDoNotMatch) {
    const auto cors = Cors::parse({"https://*.example.com"}).value();
    EXPECT_TRUE(cors.allows("https://app.example.com"));
    EXPECT_FALSE(cors.allows("https://example.com"));
    EXPECT_FALSE(cors.allows("https://evil.com/.example.com"));
    EXPECT_FALSE(cors.allows("http://app.example.com"));
    EXPECT_TRUE(Cors::parse({"*"}).value().allows("https://anything.example"));
    EXPECT_FALSE(Cors::parse({"*", "https://app.example.com"}));
    EXPECT_FALSE(Cors::parse({"app.example.com"}));
}

}  // namespace
}  // namespace fc::http
