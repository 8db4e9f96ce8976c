#include "messaging/event_type/schema_validator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

namespace fc::messaging {
namespace {

std::string text_of(const std::vector<FieldError>& faults) {
    std::string text;
    for (const auto& fault : faults) text += fault.pointer + " " + fault.detail + "\n";
    return text;
}

/// The pointers of what is wrong with a schema, between blanks; "" when nothing is.
std::string refused(const std::string& schema) {
    const auto compiled = SchemaValidator::compile(schema);
    std::string pointers;
    if (!compiled) {
        for (const auto& fault : compiled.error().fields) pointers += '<' + fault.pointer + '>';
    }
    return pointers;
}

std::vector<FieldError> check(const std::string& schema, const std::string& json) {
    const auto compiled = SchemaValidator::compile(schema);
    EXPECT_TRUE(compiled) << text_of(compiled ? std::vector<FieldError>{} : compiled.error().fields);
    auto steps = check_steps_max;
    return (*compiled)->check(json, steps);
}

/// Of this thread, whatever else runs on the machine.
std::chrono::seconds processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec);
}

/// The same, and it may not take long: a debug build with a sanitizer has time enough in it.
std::vector<FieldError> check_soon(const std::string& schema, const std::string& json) {
    const auto start = processor_time();
    auto faults = check(schema, json);
    EXPECT_LT(processor_time() - start, std::chrono::seconds(20));
    return faults;
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t at = 0; at < times; ++at) all += text;
    return all;
}

TEST(SchemaValidator, WhatIsNoSchemaIsToldByPointer) {
    EXPECT_EQ(refused("{}"), "");
    EXPECT_EQ(refused("true"), "");
    EXPECT_EQ(refused("{"), "<>");
    EXPECT_EQ(refused("[]"), "<>");
    EXPECT_EQ(refused(R"({"type":"strin"})"), "</type>");
    EXPECT_EQ(refused(R"({"type":["string",5]})"), "</type/1>");
    EXPECT_EQ(
        refused(R"({"properties":{"a/b":{"minLength":-1,"pattern":"("}}})"),
        "</properties/a~1b/minLength></properties/a~1b/pattern>");
    EXPECT_EQ(refused(R"({"required":["a","a",1]})"), "</required/1></required/2>");
    EXPECT_EQ(refused(R"({"allOf":[],"anyOf":[1],"items":3})"), "</allOf></items></anyOf/0>");
    EXPECT_EQ(
        refused(R"({"multipleOf":0,"maximum":"5","uniqueItems":1,"enum":[]})"),
        "</multipleOf></maximum></uniqueItems></enum>");
    EXPECT_EQ(refused(R"({"patternProperties":{"[":{}}})"), "</patternProperties/[>");
    EXPECT_EQ(refused(R"({"unknown":5,"default":{"type":7}})"), "") << "nobody's keyword";
    EXPECT_EQ(refused(R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})"), "</$schema>");
    EXPECT_EQ(refused(R"({"prefixItems":[{}]})"), "</prefixItems>") << "would not be followed";
}

TEST(SchemaValidator, ReferencesLeadIntoTheSchemaAndNotInACircle) {
    EXPECT_EQ(refused(R"({"$ref":"http://example.com/schema.json"})"), "</$ref>");
    EXPECT_EQ(refused(R"({"items":{"$ref":"other.json#/a"}})"), "</items/$ref>");
    EXPECT_EQ(refused(R"({"$ref":"#/definitions/none"})"), "</$ref>");
    EXPECT_EQ(refused(R"({"$ref":"#"})"), "</$ref>");
    EXPECT_EQ(refused(R"({"allOf":[{"not":{"$ref":"#"}}]})"), "</allOf/0/not/$ref>");
    EXPECT_EQ(refused(R"({"properties":{"a":{"$id":"http://x.y/z"}}})"), "</properties/a/$id>");
    EXPECT_EQ(refused(R"({"$ref":"#/x","x":{"type":"wrong"}})"), "</x/type>") << "what is referred to";
    const std::string tree = R"({"$id":"http://x.y/z","type":"object","properties":{"left":{"$ref":"#"}}})";
    EXPECT_TRUE(check(tree, R"({"left":{"left":{}}})").empty());
    EXPECT_EQ(check(tree, R"({"left":{"left":5}})").at(0).pointer, "/left/left");
}

TEST(SchemaValidator, FaultsAreToldByPointerIntoTheData) {
    const std::string schema =
        R"({"type":"object","required":["id"],"additionalProperties":false,"properties":{
        "id":{"type":"string","pattern":"^[A-Z]+$"},"lines":{"type":"array","items":{"type":"object",
        "properties":{"a/b":{"minimum":1}}}},"at":{"format":"date-time"}}})";
    EXPECT_TRUE(check(schema, R"({"id":"ABC","lines":[{"a/b":1}],"at":"2026-01-31T10:00:00Z"})").empty());
    const auto faults = check(schema, R"({"id":"abc","lines":[{},{"a/b":0}],"at":"noon"})");
    ASSERT_EQ(faults.size(), 3U) << text_of(faults);
    const auto text = text_of(faults);
    for (const auto* pointer : {"/id ", "/lines/1/a~1b ", "/at "})
        EXPECT_NE(text.find(pointer), std::string::npos) << pointer << text;
    EXPECT_NE(text_of(check(schema, R"({"other":1})")).find("'id'"), std::string::npos);
    EXPECT_NE(text_of(check(schema, R"({"id":"A","other":1})")).find("'other'"), std::string::npos);
    EXPECT_EQ(check("false", "1").at(0).pointer, "");
}

TEST(SchemaValidator, FaultsThatAreToldAreBounded) {
    const auto many = "[" + repeated("1,", 5'000) + "1]";
    EXPECT_EQ(check(R"({"items":{"type":"string"}})", many).size(), faults_told_max);
}

TEST(SchemaValidator, NumbersAndTextOfAnySizeAreHeldAgainstIt) {
    const std::string schema = R"({"type":"integer"})";
    EXPECT_TRUE(check(schema, "1.0").empty());
    EXPECT_TRUE(check(schema, "18446744073709551615").empty());
    EXPECT_FALSE(check(schema, "1.5").empty());
    EXPECT_FALSE(check(schema, "no json").empty());
    EXPECT_TRUE(check(R"({"maxLength":2})", R"("äö")").empty()) << "characters, not bytes";
    EXPECT_FALSE(check(R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2.0,"a":1}])").empty());
    EXPECT_TRUE(check(R"({"uniqueItems":true})", R"([1,"1",[1],{"a":1},true,null])").empty());
}

TEST(SchemaValidator, AHostilePatternTakesNoTime) {
    const auto letters = '"' + repeated("a", 1'000'000) + "!\"";
    EXPECT_FALSE(check_soon(R"({"pattern":"^(a+)+$"})", letters).empty());
    EXPECT_FALSE(check_soon(R"({"pattern":"^(a|aa|a*)*b$"})", letters).empty());
    EXPECT_FALSE(
        check_soon(R"({"patternProperties":{"^(a+)+$":{"type":"null"}}})", "{" + letters + ":1, \"a\":1}")
            .empty());
    EXPECT_EQ(refused(R"j({"pattern":"(a)\\1"})j"), "</pattern>") << "back-references backtrack";
    EXPECT_EQ(refused(R"({"pattern":"(?=a)b"})"), "</pattern>");
    EXPECT_EQ(refused(R"({"pattern":"((a{100}){100}){100}"})"), "</pattern>");
    EXPECT_EQ(refused(R"({"pattern":"(\\pL\\pN){500}"})"), "</pattern>");
    EXPECT_EQ(refused("{\"pattern\":\"" + repeated("a", 2'000) + "\"}"), "</pattern>");
    EXPECT_TRUE(check(R"({"pattern":"^\\u0041\\d{2}\\/$"})", R"("A42/")").empty()) << "as ECMA-262 writes it";
}

TEST(SchemaValidator, AHostileSchemaTakesNoTime) {
    // Each level of the data doubles the work.
    const std::string part = R"({"properties":{"a":{"$ref":"#"}}})";
    const auto doubling = R"({"allOf":[)" + part + "," + part + "]}";
    const auto deep = repeated(R"({"a":)", 60) + "1" + repeated("}", 60);
    EXPECT_EQ(check_soon(doubling, deep).at(0).pointer, "");
    EXPECT_TRUE(check(doubling, R"({"a":{"a":1}})").empty());

    // Many values against many.
    std::string values = R"({"items":{"enum":["x")";
    for (int at = 0; at < 20'000; ++at) values += ",\"" + std::to_string(at) + '"';
    EXPECT_FALSE(check_soon(values + "]}}", "[" + repeated("\"y\",", 200'000) + "1]").empty());

    EXPECT_TRUE(check_soon(
                    R"({"uniqueItems":true})",
                    "[0" +
                        [] {
                            std::string all;
                            for (int at = 1; at < 100'000; ++at) all += ',' + std::to_string(at);
                            return all;
                        }() +
                        "]")
                    .empty());

    // Names that are copied for each value below them.
    const auto name = '"' + repeated("n", 500'000) + '"';
    check_soon(
        R"({"additionalProperties":{"items":{"type":"integer"}}})",
        "{" + name + ":[" + repeated("1,", 200'000) + "1]}");
}

TEST(SchemaValidator, AChainOfReferencesNeedsNoStack) {
    std::string chain = R"({"$ref":"#/definitions/d0","definitions":{)";
    for (int at = 0; at < 130; ++at) {
        chain += "\"d" + std::to_string(at) + R"(":{"allOf":[{"$ref":"#/definitions/d)" +
                 std::to_string(at + 1) + "\"}]},";
    }
    EXPECT_TRUE(check_soon(chain + R"("d130":{}}})", "1").empty());
    EXPECT_EQ(refused(chain + R"("d130":{)" + repeated(R"("items":{)", 50) + repeated("}", 53)), "<>")
        << "too many levels";
}

}  // namespace
}  // namespace fc::messaging
