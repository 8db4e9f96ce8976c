#include "codec/schema.h"

#include <gtest/gtest.h>

namespace fc::codec::schema_test {

enum class Mode { immediate, block_on_error };
BOOST_DESCRIBE_ENUM(Mode, immediate, block_on_error)

struct Node {
    std::string name;
    std::vector<Node> children;
};
BOOST_DESCRIBE_STRUCT(Node, (), (name, children))

template <class T>
struct Page {
    std::vector<T> items;
    std::uint32_t total = 0;
};
BOOST_DESCRIBE_STRUCT(Page<Node>, (), (items, total))

struct Sample {
    Id<Sample> id;
    Code code;
    Url target;
    Mode mode = Mode::immediate;
    std::optional<Bounded<1, 900>> timeout_seconds;
    seconds delay{};
    TimePoint created_at{};
    std::map<std::string, bool> flags;
    double ratio = 0;
    Secret secret;
    RawJson data;
};
BOOST_DESCRIBE_STRUCT(
    Sample, (), (id, code, target, mode, timeout_seconds, delay, created_at, flags, ratio, secret, data))

struct Either {
    Node node;
};

namespace other {
struct Node {
    int weight = 0;
};
BOOST_DESCRIBE_STRUCT(Node, (), (weight))
}  // namespace other

}  // namespace fc::codec::schema_test

namespace fc::codec {

using namespace schema_test;

template <>
struct Rules<Sample> {
    static constexpr auto required = std::tuple{&Sample::code, &Sample::target};
    static constexpr auto names =
        std::tuple{spelling(&Sample::target, "targetUrl"), alias(&Sample::delay, "wait")};
};

template <>
struct Traits<Either> {
    static std::string schema(auto& schemas) {
        return R"({"oneOf":[{"type":"string"},)" + schemas.template of<Node>() + "]}";
    }
};

namespace {

TEST(Schema, SimpleTypesAreWrittenOut) {
    EXPECT_EQ(json_schema<std::int64_t>(), R"({"type":"integer","format":"int64"})");
    EXPECT_EQ(json_schema<std::uint16_t>(), R"({"type":"integer","format":"int32","minimum":0})");
    EXPECT_EQ(json_schema<std::vector<bool>>(), R"({"type":"array","items":{"type":"boolean"}})");
}

TEST(Schema, StructListsTypesBoundsAndRequiredMembers) {
    Schemas schemas;
    EXPECT_EQ(schemas.of<Sample>(), R"({"$ref":"#/components/schemas/Sample"})");
    EXPECT_EQ(
        schemas.components(),
        R"({"Sample":{"type":"object","properties":{)"
        R"("id":{"type":"string","format":"tsid","minLength":13,"maxLength":13},)"
        R"("code":{"type":"string","pattern":"^[a-z0-9][a-z0-9_-]*([.:][a-z0-9_-]+)*$","maxLength":255},)"
        R"("target":{"type":"string","format":"uri","maxLength":2048},)"
        R"("targetUrl":{"type":"string","format":"uri","maxLength":2048},)"
        R"("mode":{"type":"string","enum":["IMMEDIATE","BLOCK_ON_ERROR"]},)"
        R"("timeoutSeconds":{"type":"integer","format":"int64","minimum":1,"maximum":900},)"
        R"("delay":{"type":"integer","format":"int64"},)"
        R"("createdAt":{"type":"string","format":"date-time"},)"
        R"("flags":{"type":"object","additionalProperties":{"type":"boolean"}},)"
        R"("ratio":{"type":"number","format":"double"},)"
        R"("secret":{"type":"string","format":"password"},"data":{}},"required":["code","target"]}})");
    EXPECT_TRUE(from_json<RawJson>(schemas.components()));
}

TEST(Schema, MembersAreDescribedByTheirNames) {
    Schemas schemas{"#/", {{"children", "Those \"below\"."}, {"data", "Any."}, {"targetUrl", "Where to."}}};
    schemas.of<Node>();
    schemas.of<Sample>();
    const auto text = schemas.components();
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(R"("items":{"$ref":"#/Node"},"description":"Those \"below\"."})")) << text;
    EXPECT_TRUE(has(R"("data":{"description":"Any."})")) << text;
    EXPECT_TRUE(has(R"("maxLength":2048},"targetUrl":{)")) << text;
    EXPECT_TRUE(has(R"("maxLength":2048,"description":"Where to."})")) << text;
}

TEST(Schema, StructThatContainsItselfAndTemplatesHaveNames) {
    Schemas schemas;
    EXPECT_EQ(schemas.of<Page<Node>>(), R"({"$ref":"#/components/schemas/PageOfNode"})");
    EXPECT_EQ(
        schemas.components(),
        R"({"Node":{"type":"object","properties":{"name":{"type":"string"},)"
        R"("children":{"type":"array","items":{"$ref":"#/components/schemas/Node"}}}},)"
        R"("PageOfNode":{"type":"object","properties":{)"
        R"("items":{"type":"array","items":{"$ref":"#/components/schemas/Node"}},)"
        R"("total":{"type":"integer","format":"int32","minimum":0}}}})");
}

TEST(Schema, WhatIsAlwaysWrittenIsRequiredOfStructsThatAreOnlyWritten) {
    Schemas schemas;
    schemas.of<Node>();
    schemas.only_written_follow();
    schemas.of<Page<Node>>();
    const auto components = schemas.components();
    EXPECT_EQ(components.find(R"("required":["name)"), std::string::npos) << components;
    EXPECT_NE(components.find(R"("required":["items","total"])"), std::string::npos) << components;
}

TEST(Schema, OwnFormsMayReferToStructs) {
    Schemas schemas;
    EXPECT_EQ(schemas.of<Either>(), R"({"oneOf":[{"type":"string"},{"$ref":"#/components/schemas/Node"}]})");
}

TEST(Schema, AloneItCarriesItsDefinitions) {
    EXPECT_EQ(
        json_schema<Node>(),
        R"({"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","properties":{"name":{"type":"string"},)"
        R"("children":{"type":"array","items":{"$ref":"#/$defs/Node"}}}}}})");
}

TEST(SchemaDeathTest, TwoTypesOfOneNameAreABug) {
    Schemas schemas;
    schemas.of<Node>();
    EXPECT_DEATH(schemas.of<other::Node>(), "share a schema name");
}

}  // namespace
}  // namespace fc::codec
