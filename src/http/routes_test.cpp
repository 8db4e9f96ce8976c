#include "http/routes.h"

#include "http/test_server.h"

#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

namespace fc::http::routes_test {

enum class Status { active, paused };
BOOST_DESCRIBE_ENUM(Status, active, paused)

struct Thing {
    Id<Thing> id;
    std::string name;
    Status status = Status::active;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, name, status))

struct FindThing {
    Id<Thing> id;
};
BOOST_DESCRIBE_STRUCT(FindThing, (), (id))

struct ListThings {
    std::optional<Status> status;
    std::vector<std::string> names;
    Bounded<1, 100> size = 20;
};
BOOST_DESCRIBE_STRUCT(ListThings, (), (status, names, size))

struct CreateThing {
    std::string name;
    Bounded<1, 10> weight = 1;
};
BOOST_DESCRIBE_STRUCT(CreateThing, (), (name, weight))

struct EditThing {
    Id<Thing> id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(EditThing, (), (id, name))

}  // namespace fc::http::routes_test

template <>
struct fc::codec::Rules<fc::http::routes_test::CreateThing> {
    static constexpr auto required = std::tuple{&fc::http::routes_test::CreateThing::name};
};

namespace fc::http::routes_test {

using testing::TestClient;
using testing::TestServer;

constexpr Permission may_read{"test:thing:read"};
constexpr Permission may_write{"test:thing:write"};

class ThingApi {
public:
    Routes routes() {
        return std::move(
            Routes("/api/things", "Things")
                .get("", "List things", bind(this, &ThingApi::list), may_read)
                .post("", "Create a thing", bind(this, &ThingApi::create), may_write)
                .get("/{id}", "Get a thing", bind(this, &ThingApi::get), may_read)
                .put("/{id}", "Edit", bind(this, &ThingApi::edit), may_write)
                .remove("/{id}", "Delete a thing", bind(this, &ThingApi::remove), may_write)
                .get(
                    "/{id}/raw", "Raw", [](Request request) { return raw(request); }, open_to_all)
                .post(
                    "/whoami",
                    "Who am I",
                    [](Caller caller, Trace trace) { return whoami(caller, trace); },
                    any_caller));
    }

private:
    Result<Thing> get(FindThing in) const {
        if (in.id.value != 7) return not_found("THING_NOT_FOUND", "there is no thing " + in.id.to_string());
        return Thing{in.id, "seven"};
    }
    Page<Thing, "things"> list(ListThings in) const {
        Page<Thing, "things"> page;
        for (const auto& name : in.names)
            page.items.push_back({Id<Thing>{1}, name, in.status.value_or(Status::active)});
        page.total = page.items.size();
        page.size = static_cast<std::uint32_t>(in.size.value());
        return page;
    }
    Task<Result<Created<Thing>>> create(Caller caller, CreateThing in) {
        Timer timer(co_await boost::asio::this_coro::executor);
        timer.expires_after(Millis{1});
        constexpr boost::asio::use_awaitable_t<Executor> use_task;
        co_await timer.async_wait(use_task);
        const bool existed = in.name == "old";
        co_return Created<Thing>{{Id<Thing>{7}, caller.name + "'s " + in.name}, "", existed};
    }
    Thing edit(EditThing in) const { return {in.id, in.name}; }
    Result<void> remove(FindThing in) const {
        return get(in).has_error() ? Result<void>(get(in).error()) : Result<void>();
    }
    static Response raw(Request request) {
        Response response;
        response.content_type = text_type;
        response.body = request.parameter("id");
        return response;
    }
    static Thing whoami(const Caller& caller, const Trace& trace) {
        return {Id<Thing>{1}, caller.name + trace.causation_id};
    }
};

struct RoutesTest : ::testing::Test {
    ThingApi api;
    TestServer server{api.routes().take()};
    TestClient client{server.port()};
    std::string seven = Id<Thing>{7}.to_string();
};

TEST_F(RoutesTest, BindsTheQueryAndWritesAPage) {
    const auto answer = client.send("GET", "/api/things?names=a&names=b%20c&status=paused");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    EXPECT_TRUE(answer.contains(R"({"things":[{"id":"0000000000001","name":"a","status":"PAUSED"})"))
        << answer.body;
    EXPECT_TRUE(answer.contains(R"("total":2,"page":0,"size":20})")) << answer.body;
    EXPECT_EQ(client.send("GET", "/api/things").body, R"({"things":[],"total":0,"page":0,"size":20})");
}

TEST_F(RoutesTest, BindsThePathAndRefusesWhatIsNoId) {
    EXPECT_EQ(
        client.send("GET", "/api/things/" + seven).body,
        R"({"id":")" + seven + R"(","name":"seven","status":"ACTIVE"})");
    const auto bad = client.send("GET", "/api/things/short");
    EXPECT_EQ(bad.status, 400);
    EXPECT_TRUE(bad.contains(R"("errors":[{"pointer":"/id")")) << bad.body;
    const auto missing = client.send("GET", "/api/things/0000000000001");
    EXPECT_EQ(missing.status, 404);
    EXPECT_TRUE(missing.contains(R"("error":"THING_NOT_FOUND")"));
}

TEST_F(RoutesTest, CreatedSaysWhere) {
    const auto created = client.send("POST", "/api/things", R"({"name":"new"})");
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.header("Location"), "/api/things/" + seven);
    EXPECT_TRUE(created.contains("tester's new"));
    EXPECT_EQ(client.send("POST", "/api/things", R"({"name":"old"})").status, 200);
}

TEST_F(RoutesTest, ThePathWinsOverTheBodyAndTheQuery) {
    const auto edited = client.send("PUT", "/api/things/" + seven, R"({"id":"0000000000001","name":"x"})");
    EXPECT_EQ(edited.body, R"({"id":")" + seven + R"(","name":"x","status":"ACTIVE"})");
    EXPECT_EQ(client.send("GET", "/api/things/" + seven + "?id=0000000000001").status, 200);
}

TEST_F(RoutesTest, InjectsCallerAndTrace) {
    const auto answer = client.send("POST", "/api/things/whoami", "", "X-Causation-ID: -because\r\n");
    EXPECT_TRUE(answer.contains("tester-because")) << answer.body;
}

TEST_F(RoutesTest, RawHandlersSeeTheRequest) {
    EXPECT_EQ(client.send("GET", "/api/things/a%20b/raw").body, "a b");
}

TEST_F(RoutesTest, DeletesWithoutContent) {
    const auto answer = client.send("DELETE", "/api/things/" + seven);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(client.send("DELETE", "/api/things/0000000000001").status, 404);
}

struct BadInput {
    const char* name;
    const char* method;
    std::string path;
    std::string body;
    const char* expected;
};

class BadInputs : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, AreAnsweredWithOneClearProblem) {
    ThingApi api;
    TestServer server(api.routes().take());
    TestClient client(server.port());
    const auto& in = GetParam();
    const auto answer = client.send(in.method, in.path, in.body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_TRUE(answer.contains(in.expected)) << answer.body;
    EXPECT_EQ(client.send("GET", "/api/things").status, 200) << "the connection goes on";
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadInputs,
    ::testing::Values(
        BadInput{"MalformedJson", "POST", "/api/things", "{\"name\":", "INVALID_JSON"},
        BadInput{"NotUtf8", "POST", "/api/things", "{\"name\":\"\xff\"}", "INVALID_JSON"},
        BadInput{
            "Deep", "POST", "/api/things", std::string(100, '[') + std::string(100, ']'), "INVALID_JSON"},
        BadInput{"NoObject", "POST", "/api/things", "[1]", "must be an object"},
        BadInput{"NoBody", "POST", "/api/things", "", "\"pointer\":\"/name\""},
        BadInput{"WrongType", "POST", "/api/things", R"({"name":1})", "\"pointer\":\"/name\""},
        BadInput{"TwoFaults", "POST", "/api/things", R"({"weight":11})", "\"pointer\":\"/weight\""},
        BadInput{"UnknownStatus", "GET", "/api/things?status=sleeping", "", "\"pointer\":\"/status\""},
        BadInput{"UnknownName", "GET", "/api/things?staus=paused", "", "\"pointer\":\"/staus\""},
        BadInput{"SizeTooLarge", "GET", "/api/things?size=101", "", "\"pointer\":\"/size\""},
        BadInput{"BrokenQuery", "GET", "/api/things?status=%1", "", "INVALID_QUERY"},
        BadInput{"QueryNotUtf8", "GET", "/api/things?status=%ff", "", "INVALID_QUERY"},
        BadInput{"BadIdInPut", "PUT", "/api/things/no", "{}", "\"pointer\":\"/id\""}),
    [](const auto& each) { return each.param.name; });

TEST_F(RoutesTest, B29_ParametersOfAPathAreDecoded) {
    EXPECT_EQ(client.send("GET", "/api/things/a%3Ab%2Fc%C3%BC/raw").body, "a:b/cü");
    EXPECT_EQ(client.send("GET", "/api/things/%30%30%30%30%30%30%30%30%30%30%30%30%37").status, 200);
}

Routes with_aliases(ThingApi& api) {
    auto routes = api.routes();
    routes.add(Routes("/things", "Own").get("/whoami", "Own", [] { return NoContent{}; }, open_to_all));
    routes.add(Routes("/api/thingsome").get("", "Other", [] { return NoContent{}; }, open_to_all));
    routes.alias("/things", "/api/things");
    return routes;
}

TEST(Routes, G15_AnAliasServesAllBelowItsPathAndIsHidden) {
    ThingApi api;
    auto routes = with_aliases(api);
    for (const auto& route : routes.all()) {
        const bool is_alias = route.path.starts_with("/things") && route.description.tag != "Own";
        EXPECT_EQ(route.description.is_hidden, is_alias) << route.path;
        EXPECT_NE(route.path, "/thingsome");
    }
    TestServer server{routes.take()};
    TestClient client{server.port()};
    const auto seven = Id<Thing>{7}.to_string();
    EXPECT_EQ(client.send("GET", "/things/" + seven).body, client.send("GET", "/api/things/" + seven).body);
    EXPECT_EQ(client.send("GET", "/things?names=a").body, client.send("GET", "/api/things?names=a").body);
    EXPECT_EQ(client.send("GET", "/things/whoami").status, 204) << "what has the name itself keeps it";
    const auto created = client.send("POST", "/things", R"({"name":"new"})");
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.header("Location"), "/things/" + seven);
}

TEST(Routes, NamesTheParametersOfAPath) {
    EXPECT_EQ(parameter_names("/a/{id}/b/{rest...}"), (std::vector<std::string>{"id", "rest"}));
    EXPECT_TRUE(parameter_names("/a").empty());
}

}  // namespace fc::http::routes_test
