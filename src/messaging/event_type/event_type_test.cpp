#include "messaging/event_type/event_type.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

const auto later = from_unix_millis(5000);

EventType type_with(std::vector<std::pair<std::string, SchemaStatus>> versions) {
    EventType type;
    type.code = EventTypeCode::parse("shop:order:placed").value();
    for (auto& [name, status] : versions) {
        SpecVersion version;
        version.version = std::move(name);
        version.schema = "{}";
        version.status = status;
        type.spec_versions.push_back(std::move(version));
    }
    return type;
}

std::string name_of(const SpecVersion* version) {
    return version ? version->version : "none";
}

TEST(EventType, CodesAreTakenApart) {
    const auto parts = parts_of("shop:sales.order:placed:v2.x");
    EXPECT_EQ(parts.application, "shop");
    EXPECT_EQ(parts.subdomain, "sales");
    EXPECT_EQ(parts.aggregate, "order");
    EXPECT_EQ(parts.event, "placed:v2.x");
    EXPECT_EQ(parts_of("shop").application, "shop");
    EXPECT_EQ(parts_of("shop").subdomain, "");
    EXPECT_EQ(parts_of("a.b.c").event, "");
}

TEST(EventType, AnEventIsHeldAgainstTheVersionItNamesElseTheCurrentOne) {
    const auto type = type_with(
        {{"1.0", SchemaStatus::deprecated},
         {"1.1", SchemaStatus::deprecated},
         {"2.0", SchemaStatus::current},
         {"3.0", SchemaStatus::finalising}});
    EXPECT_EQ(name_of(version_for(type, "1.1")), "1.1");
    EXPECT_EQ(name_of(version_for(type, "2.0")), "2.0");
    EXPECT_EQ(name_of(version_for(type, "1.0")), "2.0") << "what an event has that names none";
    EXPECT_EQ(name_of(version_for(type, "3.0")), "2.0") << "a draft binds nobody";
    EXPECT_EQ(name_of(version_for(type, "9")), "2.0");
    EXPECT_EQ(name_of(version_for(type_with({{"1.0", SchemaStatus::deprecated}}), "9")), "none");
    auto proto = type_with({{"2.0", SchemaStatus::current}});
    proto.spec_versions[0].schema_type = SchemaType::proto;
    EXPECT_EQ(name_of(version_for(proto, "2.0")), "none") << "nothing that could be checked";
}

TEST(EventType, OneVersionIsCurrent) {
    auto type = type_with({{"1", SchemaStatus::current}, {"2", SchemaStatus::finalising}});
    ASSERT_TRUE(finalise(type, "2", later));
    EXPECT_EQ(type.spec_versions[0].status, SchemaStatus::deprecated);
    EXPECT_EQ(type.spec_versions[0].updated_at, later);
    EXPECT_EQ(type.spec_versions[1].status, SchemaStatus::current);
    EXPECT_EQ(finalise(type, "1", later).error().code, "INVALID_STATUS");
    EXPECT_EQ(finalise(type, "3", later).error().code, "VERSION_NOT_FOUND");
}

TEST(EventType, TheNumberOfVersionsIsBounded) {
    auto type = type_with({});
    SpecVersion version;
    for (std::size_t at = 0; at < spec_versions_max; ++at) {
        version.version = std::to_string(at);
        ASSERT_TRUE(add_version(type, version, later));
    }
    version.version = "one more";
    EXPECT_EQ(add_version(type, version, later).error().code, "TOO_MANY_VERSIONS");
    EXPECT_TRUE(remove_draft(type, "7"));
    EXPECT_TRUE(add_version(type, version, later));
}

TEST(EventType, AnArchivedOneIsOnlyDeprecated) {
    auto type = type_with({{"1", SchemaStatus::current}, {"2", SchemaStatus::finalising}});
    ASSERT_TRUE(archive_type(type, later));
    EXPECT_EQ(archive_type(type, later).error().code, "ALREADY_ARCHIVED");
    EXPECT_EQ(finalise(type, "2", later).error().code, "EVENT_TYPE_ARCHIVED");
    EXPECT_EQ(remove_draft(type, "2").error().code, "EVENT_TYPE_ARCHIVED");
    EXPECT_EQ(add_version(type, {}, later).error().code, "EVENT_TYPE_ARCHIVED");
    EXPECT_TRUE(deprecate(type, "2", later));
    EXPECT_EQ(deprecate(type, "2", later).error().code, "ALREADY_DEPRECATED");
}

}  // namespace
}  // namespace fc::messaging
