#include "codec/form.h"

#include <gtest/gtest.h>

namespace fc::codec::form_test {

enum class Status { pending, in_progress };
BOOST_DESCRIBE_ENUM(Status, pending, in_progress)

struct FindJobs {
    Id<FindJobs> id;
    std::vector<Status> status;
    std::vector<std::string> client_ids;
    std::optional<TimePoint> created_after;
    std::optional<bool> is_open;
    Bounded<1, 100> size = 20;
    std::string search = "all";
    std::vector<RawJson> bodies;
};
BOOST_DESCRIBE_STRUCT(FindJobs, (), (id, status, client_ids, created_after, is_open, size, search, bodies))

}  // namespace fc::codec::form_test

namespace fc::codec {

using form_test::FindJobs;
using form_test::Status;

template <>
struct Rules<FindJobs> {
    static constexpr auto required = std::tuple{&FindJobs::id};
    static constexpr auto names =
        std::tuple{alias(&FindJobs::client_ids, "clientId"), alias(&FindJobs::status, "state")};
    static void check(const FindJobs& in, Faults<FindJobs>& faults) {
        faults.expect(in.search != "none", &FindJobs::search, "must ask for something");
    }
};

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
constexpr auto some_id = "0HZXEQ5Y8JY5Z";

std::string faults(const Result<FindJobs>& read) {
    std::string text;
    if (read) return "accepted";
    for (const auto& field : read.error().fields) text += field.pointer + " " + field.detail + "\n";
    return read.error().code + "\n" + text;
}

TEST(Form, ReadsEachKindOfValue) {
    const Pairs in{
        {"id", some_id},
        {"status", "pending, IN_PROGRESS"},
        {"clientIds", "a"},
        {"clientId", "b,c"},
        {"createdAfter", "2026-01-31T10:20:30Z"},
        {"isOpen", "true"},
        {"size", "5"},
        {"size", "50"},
        {"other", "x"}};
    const auto read = from_strings<FindJobs>(in).value();
    EXPECT_EQ(read.id.to_string(), some_id);
    EXPECT_EQ(read.status, (std::vector{Status::pending, Status::in_progress}));
    EXPECT_EQ(read.client_ids, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(to_rfc3339(*read.created_after), "2026-01-31T10:20:30.000Z");
    EXPECT_EQ(read.is_open, true);
    EXPECT_EQ(read.size.value(), 50);
}

TEST(Form, EmptyTextIsAbsentExceptForText) {
    const Pairs in{{"id", some_id}, {"size", ""}, {"createdAfter", ""}, {"search", ""}};
    const auto read = from_strings<FindJobs>(in).value();
    EXPECT_EQ(read.size.value(), 20);
    EXPECT_EQ(read.created_after, std::nullopt);
    EXPECT_EQ(read.search, "");
}

TEST(Form, EveryFaultIsReported) {
    const Pairs in{{"status", "pending,done"}, {"createdAfter", "now"}, {"isOpen", "perhaps"}, {"size", "0"}};
    EXPECT_EQ(
        faults(from_strings<FindJobs>(in)),
        "VALIDATION_FAILED\n"
        "/status 'done' must be one of PENDING, IN_PROGRESS\n"
        "/createdAfter must be a date and time as in 2026-01-31T10:20:30Z\n"
        "/isOpen must be true or false\n"
        "/size must be from 1 to 100\n"
        "/id is required\n");
}

TEST(Form, AFaultIsToldUnderTheNameThatWasGiven) {
    const Pairs in{{"id", some_id}, {"state", "pending"}, {"state", "done"}};
    EXPECT_EQ(
        faults(from_strings<FindJobs>(in)),
        "VALIDATION_FAILED\n/state 'done' must be one of PENDING, IN_PROGRESS\n");
}

TEST(Form, ANameThatMeansNothingIsAFaultWhereThatIsAsked) {
    const Pairs in{{"id", some_id}, {"staus", "pending"}, {"clientId", "a"}, {"a/b", ""}, {"size", "0"}};
    auto faults_found = faults_of_names(in, input_names<FindJobs>);
    EXPECT_EQ(
        faults(from_strings<FindJobs>(in, std::move(faults_found))),
        "VALIDATION_FAILED\n"
        "/staus is not a parameter here\n"
        "/a~1b is not a parameter here\n"
        "/size must be from 1 to 100\n");
}

TEST(Form, ChecksRunOnStrings) {
    const Pairs in{{"id", some_id}, {"search", "none"}};
    EXPECT_EQ(faults(from_strings<FindJobs>(in)), "VALIDATION_FAILED\n/search must ask for something\n");
}

TEST(Request, PathWinsOverBodyAndSatisfiesRequired) {
    const Pairs path{{"id", some_id}};
    const auto read = from_request<FindJobs>(R"({"id":"0HZXEQ5Y8JY5A","bodies":[{"a":1}]})", path).value();
    EXPECT_EQ(read.id.to_string(), some_id);
    EXPECT_EQ(read.bodies[0].text, R"({"a":1})");
}

TEST(Request, BlankBodyIsAnEmptyObject) {
    const Pairs path{{"id", some_id}};
    EXPECT_EQ(from_request<FindJobs>(" \n", path).value().size.value(), 20);
    EXPECT_EQ(faults(from_request<FindJobs>("", {})), "VALIDATION_FAILED\n/id is required\n");
}

TEST(Request, FaultsOfPathAndBodyComeTogether) {
    const Pairs path{{"id", "short"}};
    EXPECT_EQ(
        faults(from_request<FindJobs>(R"({"size":101,"search":"none"})", path)),
        "VALIDATION_FAILED\n/id must be an id of 13 characters\n/size must be from 1 to 100\n");
    EXPECT_EQ(faults(from_request<FindJobs>("{", path)), "INVALID_JSON\n");
}

}  // namespace
}  // namespace fc::codec
