#include "messaging/event_type/schema_compatibility.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

SpecVersion version(std::string schema) {
    SpecVersion version;
    version.schema = std::move(schema);
    return version;
}

/// "backward /required requires ..." for each difference.
std::string differences(const std::string& newer, const std::string& older) {
    std::string text;
    for (const auto& one : compare_versions(version(newer), version(older)).differences) {
        text += one.breaks_backward ? "-" : "";
        text += one.breaks_forward ? "+" : "";
        text += one.is_undecided ? "?" : "";
        text += one.pointer + ' ';
    }
    return text;
}

TEST(SchemaCompatibility, WhatIsSpelledOtherwiseIsTheSame) {
    const auto report = compare_versions(
        version(R"({"type":"object", "properties":{"a":{"enum":["x",1]}, "b":{}}})"),
        version(R"({"properties":{"b":true,"a":{"enum":[1,"\u0078"]}},"type":["object"]})"));
    EXPECT_EQ(report.result, Compatibility::full);
    EXPECT_TRUE(report.differences.empty());
}

TEST(SchemaCompatibility, EachKeywordHasADirection) {
    EXPECT_EQ(differences(R"({"required":["a","b"]})", R"({"required":["a"]})"), "-/required ");
    EXPECT_EQ(differences(R"({})", R"({"required":["a"]})"), "+/required ");
    EXPECT_EQ(differences(R"({"type":"integer"})", R"({"type":"number"})"), "-/type ");
    EXPECT_EQ(differences(R"({"type":"number"})", R"({"type":"integer"})"), "+/type ");
    EXPECT_EQ(differences(R"({"type":"string"})", R"({"type":"number"})"), "-/type +/type ");
    EXPECT_EQ(differences(R"({"enum":[1,2]})", R"({"enum":[2,3]})"), "-/enum +/enum ");
    EXPECT_EQ(differences(R"({"minimum":5})", R"({"minimum":4})"), "-/minimum ");
    EXPECT_EQ(differences(R"({"maxLength":5})", R"({"maxLength":4})"), "+/maxLength ");
    EXPECT_EQ(differences(R"({"minLength":0})", R"({})"), "");
    EXPECT_EQ(differences(R"({"maxItems":5})", R"({})"), "-/maxItems ");
    EXPECT_EQ(differences(R"({"multipleOf":4})", R"({"multipleOf":2})"), "-/multipleOf ");
    EXPECT_EQ(differences(R"({"multipleOf":3})", R"({"multipleOf":2})"), "-+/multipleOf ");
    EXPECT_EQ(differences(R"({"uniqueItems":true})", R"({})"), "-/uniqueItems ");
    EXPECT_EQ(differences(R"({"pattern":"a"})", R"({})"), "-/pattern ");
    EXPECT_EQ(differences(R"({"pattern":"a"})", R"({"pattern":"b"})"), "?/pattern ");
    EXPECT_EQ(differences(R"({"items":{"type":"string"}})", R"({"items":{}})"), "-/items/type ");
    EXPECT_EQ(differences(R"({"anyOf":[{},{"type":"null"}]})", R"({"anyOf":[{}]})"), "+/anyOf ");
    EXPECT_EQ(differences(R"({"oneOf":[{}]})", R"({"oneOf":[true]})"), "?/oneOf ");
    EXPECT_EQ(differences("false", "true"), "- ");
    EXPECT_EQ(differences(R"({"additionalProperties":false})", "{}"), "-/additionalProperties ");
}

TEST(SchemaCompatibility, PropertiesAreJudgedByWhatTheOtherVersionAllows) {
    EXPECT_EQ(differences(R"({"properties":{"a":{},"b":{}}})", R"({"properties":{"a":{}}})"), "");
    const std::string closed = R"({"additionalProperties":false,"properties":{"a":{}}})";
    const std::string closed_more = R"({"additionalProperties":false,"properties":{"a":{},"b":{}}})";
    EXPECT_EQ(differences(closed_more, closed), "+/properties/b ");
    EXPECT_EQ(differences(closed, closed_more), "-/properties/b ");
    EXPECT_EQ(
        differences(R"({"properties":{"a":{"minimum":1}}})", R"({"properties":{"a":{"minimum":2}}})"),
        "+/properties/a/minimum ");
}

TEST(SchemaCompatibility, ReferencesAreFollowed) {
    const std::string before =
        R"({"items":{"$ref":"#/definitions/x"},"definitions":{"x":{"type":"number"}}})";
    const std::string after =
        R"({"items":{"$ref":"#/definitions/y"},"definitions":{"y":{"type":"integer"}}})";
    EXPECT_EQ(differences(after, before), "-/definitions/y/type ");
    const std::string tree = R"({"properties":{"left":{"$ref":"#"},"v":{"type":"integer"}}})";
    const std::string wider = R"({"properties":{"left":{"$ref":"#"},"v":{"type":"number"}}})";
    EXPECT_EQ(differences(wider, tree), "+/properties/v/type ");
    const std::string hidden = R"({"not":{"$ref":"#/definitions/x"},"definitions":{"x":{"type":"null"}}})";
    const std::string other = R"({"not":{"$ref":"#/definitions/x"},"definitions":{"x":{"type":"string"}}})";
    EXPECT_EQ(differences(hidden, other), "?/not ") << "the same words for something else";
}

TEST(SchemaCompatibility, TheResultPromisesOnlyWhatIsCertain) {
    const auto result = [](const std::string& newer, const std::string& older) {
        return compare_versions(version(newer), version(older)).result;
    };
    EXPECT_EQ(result("{}", R"({"type":"null"})"), Compatibility::backward);
    EXPECT_EQ(result(R"({"type":"null"})", "{}"), Compatibility::forward);
    EXPECT_EQ(result(R"({"type":"null"})", R"({"type":"string"})"), Compatibility::none);
    EXPECT_EQ(result(R"({"not":{}})", "{}"), Compatibility::unknown);
    auto proto = version("message A {}");
    proto.schema_type = SchemaType::proto;
    EXPECT_EQ(compare_versions(proto, proto).result, Compatibility::full);
    EXPECT_EQ(compare_versions(proto, version("{}")).result, Compatibility::unknown);
}

}  // namespace
}  // namespace fc::messaging
