#include "http/server.h"

#include <gtest/gtest.h>

namespace fc::http::server_settings_test {

struct Config {
    ServerSettings http;
};
BOOST_DESCRIBE_STRUCT(Config, (), (http))

Result<codec::Settings<Config>> load(std::map<std::string, std::string> environment) {
    codec::SettingTexts texts;
    texts.environment = std::move(environment);
    return codec::load_settings<Config>(texts);
}

TEST(ServerSettings, ComeFromTheDocumentedVariables) {
    const auto http =
        load({{"HTTP_PORT", "9090"}, {"CORS_ORIGINS", "http://a, http://b"}, {"HTTP_IDLE_TIMEOUT", "5s"}})
            .value()
            .value.http;
    EXPECT_EQ(http.port.value(), 9090);
    EXPECT_EQ(http.cors_origins, (std::vector<std::string>{"http://a", "http://b"}));
    EXPECT_EQ(http.idle_timeout, seconds{5});
    EXPECT_EQ(http.head_timeout, seconds{10});
}

TEST(ServerSettings, AMalformedOneIsNamed) {
    const auto loaded = load({{"HTTP_PORT", "eighty"}});
    ASSERT_FALSE(loaded);
    ASSERT_EQ(loaded.error().fields.size(), 1U);
    EXPECT_EQ(loaded.error().fields[0].pointer, "HTTP_PORT");
}

}  // namespace fc::http::server_settings_test
