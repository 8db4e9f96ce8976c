#include "messaging/subscription/target_headers.h"

#include <gtest/gtest.h>

namespace fc::messaging {
namespace {

std::string faults_of(const std::string& json) {
    const auto headers = codec::from_json<TargetHeaders>(json);
    std::string faults;
    if (headers) return faults;
    for (const auto& field : headers.error().fields) faults += field.pointer + ' ' + field.detail + '\n';
    return faults;
}

TEST(TargetHeaders, MayAddButNotReplaceWhatTheProductSets) {
    EXPECT_EQ(faults_of(R"({"Authorization":"Basic eA==","X-Shop":"7","Accept":"a\tb"})"), "");
    for (const auto* name :
         {"Webhook-Id",
          "webhook-signature",
          "x-flowcatalyst-signature",
          "HOST",
          "content-length",
          "Transfer-Encoding",
          "Content-Type"}) {
        const auto faults = faults_of("{\"" + std::string(name) + R"(":"x"})");
        EXPECT_EQ(faults, "/" + std::string(name) + " is set by the product itself\n");
    }
}

TEST(TargetHeaders, CannotSplitARequest) {
    EXPECT_EQ(faults_of(R"({"X-A":"1\r\nHost: evil"})"), "/X-A must not have control characters\n");
    EXPECT_EQ(faults_of(R"({"X-A\r\nHost":"evil"})"), "/X-A\r\nHost is no name of a header\n");
    EXPECT_EQ(faults_of(R"({"":"evil"})"), "/ is no name of a header\n");
    EXPECT_EQ(
        faults_of(R"({"X A":"1","X-B":"\u0000"})"),
        "/X A is no name of a header\n/X-B must not have control characters\n");
}

TEST(TargetHeaders, AreBounded) {
    EXPECT_EQ(faults_of(R"({"X-A":")" + std::string(4'096, 'a') + "\"}"), "");
    EXPECT_EQ(
        faults_of(R"({"X-A":")" + std::string(4'097, 'a') + "\"}"), "/X-A must be at most 4096 bytes\n");
    std::string many = "{";
    for (int i = 0; i < 51; ++i) many += (i ? ",\"X-" : "\"X-") + std::to_string(i) + R"(":"")";
    EXPECT_EQ(faults_of(many + "}"), " must be at most 50\n");
}

TEST(TargetHeaders, AreGivenOnceWhateverTheirCase) {
    EXPECT_EQ(faults_of(R"({"X-Shop":"1","x-shop":"2"})"), "/x-shop is given twice\n");
}

TargetHeaders headers_of(const std::string& json) {
    return codec::from_json<TargetHeaders>(json).value();
}

TEST(TargetHeaders, SecretsAreMaskedUnlessRevealed) {
    const std::string text =
        R"({"Accept":"a","Authorization":"b","Cookie":"c","X-API-KEY":"d","X-Auth":"e","X-Credentials":"f",)"
        R"("X-My-Token":"g","X-Password":"h","X-Secret":"i"})";
    const auto headers = headers_of(text);
    EXPECT_EQ(codec::to_json(headers, codec::Reveal::yes), text);
    const auto shown = codec::to_json(headers);
    EXPECT_NE(shown.find(R"("Accept":"a")"), std::string::npos);
    for (char value = 'b'; value <= 'i'; ++value)
        EXPECT_EQ(shown.find(std::string("\"") + value + '"'), std::string::npos) << value << " in " << shown;
}

TEST(TargetHeaders, AMaskThatComesBackStandsForTheStoredValue) {
    const auto stored = headers_of(R"({"Authorization":"Basic x","X-Old-Key":"k","Accept":"a"})");
    auto given = headers_of(R"({"authorization":"***","X-Token":"new","Accept":"***"})");
    std::vector<FieldError> faults;
    unmask(given, stored, faults);
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(given["authorization"], "Basic x");
    EXPECT_EQ(given["X-Token"], "new");
    EXPECT_EQ(given["Accept"], "***") << "no mask: it is shown as it is";
    EXPECT_FALSE(given.contains("X-Old-Key")) << "what is left out is gone";
}

TEST(TargetHeaders, AMaskWithoutAStoredValueIsAFault) {
    auto given = headers_of(R"({"X~Token":"***"})");
    std::vector<FieldError> faults;
    unmask(given, {}, faults);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].pointer, "/headers/X~0Token");
}

}  // namespace
}  // namespace fc::messaging
