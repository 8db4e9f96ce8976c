#include "codec/json.h"
#include "messaging/event_type/schema_validator.h"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace fc::messaging {
namespace {

struct SuiteTest {
    std::string description;
    RawJson data;
    bool valid = false;
};
BOOST_DESCRIBE_STRUCT(SuiteTest, (), (description, data, valid))

struct SuiteCase {
    std::string description;
    RawJson schema;
    std::vector<SuiteTest> tests;
};
BOOST_DESCRIBE_STRUCT(SuiteCase, (), (description, schema, tests))

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

/// What the official suite for draft 7 found, as "file: case" (refused) or "file: case: test" (another
/// verdict).
std::set<std::string> deviations() {
    std::set<std::string> found;
    std::size_t tests = 0;
    for (const auto& file : std::filesystem::directory_iterator(FC_SCHEMA_SUITE "/tests/draft7")) {
        if (!file.is_regular_file()) continue;
        const auto cases = codec::from_json<std::vector<SuiteCase>>(read_file(file.path())).value();
        for (const auto& one : cases) {
            const auto name = file.path().stem().string() + ": " + one.description;
            const auto validator = SchemaValidator::compile(one.schema.text);
            tests += one.tests.size();
            if (!validator) {
                found.insert(name);
                continue;
            }
            for (const auto& test : one.tests) {
                auto steps = check_steps_max;
                const bool is_valid = (*validator)->check(test.data.text, steps).empty();
                if (is_valid != test.valid) found.insert(name + ": " + test.description);
            }
        }
    }
    EXPECT_GT(tests, 400U) << "the suite is there";
    return found;
}

TEST(SchemaSuite, Draft7HasNoOtherDeviationsThanTheseWhichAreKnown) {
    // All are schemas that are refused, because they refer to a document elsewhere or to a nested $id.
    const std::set<std::string> known = {
        "definitions: invalid definition",
        "definitions: valid definition",
        "ref: Recursive references between schemas",
        "ref: remote ref, containing refs itself",
        "refRemote: base URI change",
        "refRemote: base URI change - change folder",
        "refRemote: base URI change - change folder in subschema",
        "refRemote: fragment within remote ref",
        "refRemote: ref within remote ref",
        "refRemote: remote ref",
        "refRemote: root ref in remote ref",
    };
    const auto found = deviations();
    for (const auto& one : found) EXPECT_TRUE(known.contains(one)) << "new: " << one;
    for (const auto& one : known) EXPECT_TRUE(found.contains(one)) << "no deviation any more: " << one;
}

}  // namespace
}  // namespace fc::messaging
