#pragma once

#include "codec/env.h"
#include "http/server.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace fc::app {

enum class StoreType { embedded, mongodb };
BOOST_DESCRIBE_ENUM(StoreType, embedded, mongodb)

enum class QueueType { embedded, nats, sqs };
BOOST_DESCRIBE_ENUM(QueueType, embedded, nats, sqs)

/// How ready jobs reach the router: a call in this process, or pointers on the queue (ADR 0015).
enum class HandOverType { memory, queue };
BOOST_DESCRIBE_ENUM(HandOverType, memory, queue)

// NOLINTNEXTLINE(readability-identifier-naming): written UNIX; some compilers define the word
enum class TimestampType { unix_, iso };
BOOST_DESCRIBE_ENUM(TimestampType, unix_, iso)

enum class LogLevel { debug, info, warn, error };
BOOST_DESCRIBE_ENUM(LogLevel, debug, info, warn, error)

enum class LogFormat { automatic, text, json };
BOOST_DESCRIBE_ENUM(LogFormat, automatic, text, json)

/// What an operator sets for `flowcatalyst`. Each member is a variable of its name in upper case, unless the
/// rules below say otherwise; docs/CONFIGURATION.md is made from this.
struct Settings {
    http::ServerSettings http;
    std::string data_dir = "./data";
    bool dev = false;
    Secret admin_token;
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::automatic;
    StoreType store_type = StoreType::embedded;
    std::string store_path;
    std::string mongodb_uri;
    QueueType queue_type = QueueType::embedded;
    std::string nats_url = "nats://localhost:4222";
    Bounded<0, 65535> nats_port = 4222;
    std::string nats_data_dir;
    HandOverType dispatch_handover = HandOverType::memory;
    TimestampType webhook_timestamp_format = TimestampType::unix_;
    std::string egress_allow;  ///< address blocks that targets may lie in although they are special-purpose
    std::string router_targets;
    std::string external_base_url;
    Secret app_key;
    Millis ingest_wait_max{200};
    Millis event_retention{std::chrono::hours{24 * 90}};
    Millis job_retention{std::chrono::hours{24 * 30}};
};
BOOST_DESCRIBE_STRUCT(
    Settings,
    (),
    (http,
     data_dir,
     dev,
     admin_token,
     log_level,
     log_format,
     store_type,
     store_path,
     mongodb_uri,
     queue_type,
     nats_url,
     nats_port,
     nats_data_dir,
     dispatch_handover,
     webhook_timestamp_format,
     egress_allow,
     router_targets,
     external_base_url,
     app_key,
     ingest_wait_max,
     event_retention,
     job_retention))

/// Where the embedded store lies.
inline std::filesystem::path store_file(const Settings& settings) {
    if (!settings.store_path.empty()) return settings.store_path;
    return std::filesystem::path(settings.data_dir) / "flowcatalyst.db";
}

}  // namespace fc::app

template <>
struct fc::codec::Rules<fc::app::Settings> {
    using S = fc::app::Settings;
    static constexpr auto variables = std::tuple{
        variable(&S::data_dir, "DATA_DIR", Empty::is_unset),
        variable(&S::dev, "FLOWCATALYST_DEV"),
        variable(&S::admin_token, "FLOWCATALYST_ADMIN_TOKEN"),
        variable(&S::queue_type, "QUEUE_TYPE", Empty::is_unset),
        variable(&S::mongodb_uri, "MONGODB_URI", Empty::is_unset),
        variable(&S::external_base_url, "AUTH_EXTERNAL_BASE_URL"),
        variable(&S::app_key, "FLOWCATALYST_APP_KEY")};
    static void check(const S& settings, Faults<S>& faults) {
        faults.expect(
            settings.store_type == fc::app::StoreType::embedded,
            &S::store_type,
            "mongodb is not available in this version: use embedded");
        faults.expect(
            settings.mongodb_uri.empty(),
            &S::mongodb_uri,
            "MongoDB is not available in this version: unset it to use the embedded store");
        faults.expect(
            settings.queue_type != fc::app::QueueType::sqs,
            &S::queue_type,
            "sqs is not available in this version: use embedded or nats");
        faults.expect(settings.ingest_wait_max >= Millis{1}, &S::ingest_wait_max, "must be at least 1ms");
        constexpr auto too_short = "must be at least 1s";
        faults.expect(settings.event_retention >= seconds{1}, &S::event_retention, too_short);
        faults.expect(settings.job_retention >= seconds{1}, &S::job_retention, too_short);
    }
};
