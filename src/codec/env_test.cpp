#include "codec/env.h"

#include <gtest/gtest.h>

namespace fc::codec::env_test {

enum class QueueType { embedded, nats, sqs };
BOOST_DESCRIBE_ENUM(QueueType, embedded, nats, sqs)

struct HttpConfig {
    Bounded<1, 65535> port = 8080;
    std::vector<std::string> cors_origins = {"http://localhost:4200"};
    seconds idle_timeout{60};
};
BOOST_DESCRIBE_STRUCT(HttpConfig, (), (port, cors_origins, idle_timeout))

struct NatsConfig {
    std::string url = "nats://localhost:4222";
    std::optional<std::string> data_dir;
};
BOOST_DESCRIBE_STRUCT(NatsConfig, (), (url, data_dir))

struct QueueConfig {
    QueueType type = QueueType::embedded;
    NatsConfig nats;
};
BOOST_DESCRIBE_STRUCT(QueueConfig, (), (type, nats))

struct LeaderConfig {
    bool enabled = false;
    Millis ttl{30'000};
    Millis refresh_interval{10'000};
};
BOOST_DESCRIBE_STRUCT(LeaderConfig, (), (enabled, ttl, refresh_interval))

struct Config {
    std::string data_dir = "./data";
    Secret app_key;
    double ratio = 0.5;
    HttpConfig http;
    QueueConfig queue;
    LeaderConfig leader;
};
BOOST_DESCRIBE_STRUCT(Config, (), (data_dir, app_key, ratio, http, queue, leader))

}  // namespace fc::codec::env_test

namespace fc::codec {

using namespace env_test;

template <>
struct Rules<HttpConfig> {
    static constexpr auto variables = std::tuple{variable(&HttpConfig::cors_origins, "CORS_ORIGINS")};
};
template <>
struct Rules<QueueConfig> {
    static constexpr auto variables = std::tuple{variable(&QueueConfig::nats, "NATS")};
};
template <>
struct Rules<LeaderConfig> {
    static constexpr auto variables = std::tuple{
        variable(&LeaderConfig::enabled, "LEADER_ELECTION_ENABLED"),
        variable(&LeaderConfig::enabled, "STANDBY_ENABLED")};
    static void check(const LeaderConfig& in, Faults<LeaderConfig>& faults) {
        faults.expect(
            in.ttl > 2 * in.refresh_interval,
            &LeaderConfig::ttl,
            "must be more than twice the refresh interval");
    }
};
template <>
struct Rules<Config> {
    static constexpr auto variables = std::tuple{variable(&Config::data_dir, "DATA_DIR", Empty::is_unset)};
};

namespace {

using Texts = std::map<std::string, std::string>;

std::string faults(const Texts& environment, const Texts& file = {}) {
    const auto settings = load_settings<Config>({environment, file});
    return settings ? "accepted" : settings.error().code + "\n" + settings.error().detail;
}

TEST(Env, NamesFollowTheStructUnlessARuleSaysOtherwise) {
    const auto config = load_settings<Config>({{{"HTTP_PORT", " 9000 "},
                                                {"HTTP_IDLE_TIMEOUT", "1m30s"},
                                                {"CORS_ORIGINS", "https://a.example, ,https://b.example,"},
                                                {"QUEUE_TYPE", "Nats"},
                                                {"NATS_URL", "nats://n:1"},
                                                {"NATS_DATA_DIR", "/n"},
                                                {"STANDBY_ENABLED", "Yes"},
                                                {"RATIO", "0.75"},
                                                {"APP_KEY", "k"}},
                                               {}})
                            .value()
                            .value;
    EXPECT_EQ(config.http.port.value(), 9000);
    EXPECT_EQ(config.http.idle_timeout, seconds{90});
    EXPECT_EQ(config.http.cors_origins, (std::vector<std::string>{"https://a.example", "https://b.example"}));
    EXPECT_EQ(config.queue.type, QueueType::nats);
    EXPECT_EQ(config.queue.nats.url, "nats://n:1");
    EXPECT_EQ(config.queue.nats.data_dir, "/n");
    EXPECT_TRUE(config.leader.enabled);
    EXPECT_EQ(config.ratio, 0.75);
    EXPECT_EQ(config.app_key.reveal(), "k");
}

TEST(Env, EmptyCountsOnlyForTextAndLists) {
    const auto config = load_settings<Config>({{{"HTTP_PORT", ""},
                                                {"CORS_ORIGINS", ""},
                                                {"QUEUE_TYPE", " "},
                                                {"NATS_URL", ""},
                                                {"NATS_DATA_DIR", ""},
                                                {"DATA_DIR", ""},
                                                {"LEADER_TTL", ""}},
                                               {}})
                            .value()
                            .value;
    EXPECT_EQ(config.http.port.value(), 8080);
    EXPECT_TRUE(config.http.cors_origins.empty());
    EXPECT_EQ(config.queue.type, QueueType::embedded);
    EXPECT_EQ(config.queue.nats.url, "");
    EXPECT_EQ(config.queue.nats.data_dir, std::nullopt);
    EXPECT_EQ(config.data_dir, "./data");
}

TEST(Env, EnvironmentOverFileOverDefaultEachByItself) {
    const auto settings =
        load_settings<Config>(
            {{{"HTTP_PORT", "8080"}, {"NATS_DATA_DIR", ""}},
             {{"http.port", "1"}, {"queue.nats.data_dir", "/file"}, {"leader.enabled", "true"}}})
            .value();
    EXPECT_EQ(settings.value.http.port.value(), 8080);
    EXPECT_EQ(settings.value.queue.nats.data_dir, "/file");
    EXPECT_TRUE(settings.value.leader.enabled);
    EXPECT_TRUE(settings.is_given("HTTP_PORT"));
    EXPECT_TRUE(settings.is_given("LEADER_ELECTION_ENABLED"));
    EXPECT_FALSE(settings.is_given("LEADER_TTL"));
}

TEST(Env, EveryMalformedValueIsNamed) {
    EXPECT_EQ(
        faults(
            {{"HTTP_PORT", "70000"},
             {"HTTP_IDLE_TIMEOUT", "1500ms"},
             {"QUEUE_TYPE", "kafka"},
             {"STANDBY_ENABLED", "maybe"},
             {"LEADER_TTL", "30"},
             {"RATIO", "half"}},
            {{"leader.refresh_interval", "soon"}}),
        "INVALID_SETTINGS\n"
        "RATIO must be a number, not \"half\"\n"
        "HTTP_PORT must be from 1 to 65535, not \"70000\"\n"
        "HTTP_IDLE_TIMEOUT must be a whole number of 1s, not \"1500ms\"\n"
        "QUEUE_TYPE must be one of embedded, nats, sqs, not \"kafka\"\n"
        "STANDBY_ENABLED must be true or false, not \"maybe\"\n"
        "LEADER_TTL must be a duration as in 30s, 250ms, 1h30m or 90d, not \"30\"\n"
        "leader.refresh_interval must be a duration as in 30s, 250ms, 1h30m or 90d, not \"soon\"");
}

TEST(Env, ChecksBetweenSettingsNameTheVariable) {
    EXPECT_EQ(
        faults({{"LEADER_TTL", "20s"}}),
        "INVALID_SETTINGS\nLEADER_TTL must be more than twice the refresh interval");
}

TEST(Env, UnknownKeysOfTheFileAreKnown) {
    const auto settings = load_settings<Config>({{}, {{"http.prot", "1"}, {"http.port", "2"}}}).value();
    EXPECT_EQ(settings.unknown_keys, std::vector<std::string>{"http.prot"});
}

TEST(Env, PrinterMasksSecretsAndPasswords) {
    const auto settings =
        load_settings<Config>({{{"APP_KEY", "hush"}, {"NATS_URL", "nats://me:pass@word@a:1,nats://b:2"}},
                               {{"http.port", "81"}}})
            .value();
    const auto text = print_settings(settings.list);
    EXPECT_EQ(text.find("hush"), std::string::npos);
    EXPECT_EQ(text.find("pass"), std::string::npos);
    EXPECT_NE(
        text.find("APP_KEY=***                                             # environment\n"),
        std::string::npos);
    EXPECT_NE(text.find("NATS_URL=nats://***@a:1,nats://b:2"), std::string::npos);
    EXPECT_NE(
        text.find("HTTP_PORT=81                                            # file\n"), std::string::npos);
    EXPECT_NE(
        text.find("LEADER_TTL=30s                                          # default\n"), std::string::npos);
}

TEST(Duration, ReadsGoNotation) {
    struct Case {
        std::string_view text;
        std::chrono::nanoseconds value;
    };
    using namespace std::chrono_literals;
    const Case table[] = {
        {"0", 0ns},
        {"-0", 0ns},
        {"30s", 30s},
        {"1h30m", 90min},
        {"1.5h", 90min},
        {"+5ms", 5ms},
        {"-2.5s", -2500ms},
        {".5s", 500ms},
        {"5.s", 5s},
        {"1us1µs1μs", 3us},
        {"0.0000000019s", 1ns},
        {"720h", 720h},
        {"2562047h", 2562047h}};
    for (const auto& [text, value] : table) {
        std::chrono::nanoseconds read{-1};
        EXPECT_FALSE(parse_duration(text, read)) << text;
        EXPECT_EQ(read, value) << text;
        EXPECT_FALSE(parse_duration(to_duration_text(value), read));
        EXPECT_EQ(read, value) << to_duration_text(value);
    }
    for (const auto* text :
         {"", "s", "5", "1w", "1.2.3s", ".s", "1s ", " 1s", "--1s", "1s-1s", "2562048h", "1e3s"}) {
        std::chrono::nanoseconds read{};
        EXPECT_TRUE(parse_duration(text, read)) << text;
    }
}

TEST(Text, IntegersAndBoolsAreStrict) {
    int number = 0;
    EXPECT_FALSE(parse_integer("+7", number));
    EXPECT_EQ(number, 7);
    for (const auto* text : {"", "+", "+-7", "7 ", "0x7", "7.0", "seven"})
        EXPECT_EQ(parse_integer(text, number), "must be an integer");
    EXPECT_EQ(parse_integer("3000000000", number), "must be from -2147483648 to 2147483647");
    bool value = false;
    for (const auto* text : {"1", "T", "True", "YES", "on"})
        EXPECT_TRUE(!parse_bool(text, value) && value) << text;
    for (const auto* text : {"0", "f", "FALSE", "No", "off"})
        EXPECT_TRUE(!parse_bool(text, value) && !value) << text;
    for (const auto* text : {"", "2", "ye", "onn"}) EXPECT_TRUE(parse_bool(text, value)) << text;
}

}  // namespace
}  // namespace fc::codec
