#include "http/openapi.h"

#include "http/test_server.h"

#include <gtest/gtest.h>

namespace fc::http::openapi_test {

struct Pool {
    Id<Pool> id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Pool, (), (id, name))

struct FindPool {
    Id<Pool> id;
};
BOOST_DESCRIBE_STRUCT(FindPool, (), (id))

struct ListPools {
    std::optional<std::string> name;
    Bounded<1, 100> size = 20;
};
BOOST_DESCRIBE_STRUCT(ListPools, (), (name, size))

struct EditPool {
    Id<Pool> id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(EditPool, (), (id, name))

struct StoredPool : Pool {
    std::optional<bool> duplicate;
};
BOOST_DESCRIBE_STRUCT(StoredPool, (Pool), (duplicate))

struct FindPools {
    std::vector<std::string> names;
};
BOOST_DESCRIBE_STRUCT(FindPools, (), (names))

}  // namespace fc::http::openapi_test

template <>
struct fc::codec::Rules<fc::http::openapi_test::FindPools> {
    static constexpr auto names = std::tuple{alias(&fc::http::openapi_test::FindPools::names, "name")};
};
template <>
struct fc::codec::Rules<fc::http::openapi_test::Pool> {
    static constexpr auto required = std::tuple{&fc::http::openapi_test::Pool::name};
};

namespace fc::http::openapi_test {

Routes routes() {
    const auto get = [](FindPool in) { return Pool{in.id, ""}; };
    const auto list = [](ListPools) { return Page<Pool, "pools">{}; };
    const auto create = [](Pool in) { return Created<Pool>{in, ""}; };
    const auto edit = [](EditPool in) { return Pool{in.id, in.name}; };
    const auto remove = [](FindPool) { return NoContent{}; };
    constexpr Permission permission{"messaging:pool:use"};
    Routes routes("/api/pools", "Pools");
    routes.get("", "List pools", list, permission);
    routes.post("", "Create a pool", create, permission);
    routes.get("/{id}", "Get", get, permission);
    routes.put("/{id}", "Edit", edit, permission);
    routes.post("/{id}/drain", "Drain", get, permission);
    routes.remove("/{id}", "Delete", remove, any_caller);
    routes.add(Routes("/bff/pools", "Pool screens").get("/{id}", "Get", get, open_to_all));
    routes.add(Routes("/internal").get("", "Internal", list, open_to_all).hidden());
    return routes;
}

TEST(Identifiers, AreUniqueAndReadable) {
    const auto text = openapi_document(routes().all(), {});
    for (const auto* id : {"listPools", "createPool", "getPools", "getPoolScreens", "edit", "delete"}) {
        EXPECT_NE(text.find(R"("operationId":")" + std::string(id) + '"'), std::string::npos) << id << "\n"
                                                                                              << text;
    }
}

TEST(OpenApi, SaysWhatTheRouteTableSays) {
    const auto text = openapi_document(routes().all(), {.title = "T", .version = "1"});
    ASSERT_TRUE(codec::JsonDocument::parse(text)) << text;
    EXPECT_TRUE(
        text.starts_with(R"({"openapi":"3.1.0","info":{"title":"T","version":"1"},"servers":[{"url":"/",)"));
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(R"("x-permission":"messaging:pool:use")"));
    EXPECT_TRUE(has(R"({"name":"id","in":"path","required":true,"schema":)")) << text;
    EXPECT_TRUE(has(R"({"name":"size","in":"query","schema":{"type":"integer","format":"int64","minimum":1)"))
        << text;
    EXPECT_TRUE(has(R"("201":{"description":"Created","content":{"application/json":{"schema":{"$ref":)"))
        << text;
    EXPECT_TRUE(has(R"("204":{"description":"No Content"})"));
    EXPECT_TRUE(has(R"("pools":{"type":"array","items":{"$ref":"#/components/schemas/Pool"}})")) << text;
    EXPECT_TRUE(
        has(R"("content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"},)"));
    EXPECT_FALSE(has("/internal"));
}

TEST(OpenApi, ActionWhoseInputIsAllInThePathHasNoBody) {
    const auto text = openapi_document(routes().all(), {});
    const auto drain = text.substr(text.find(R"("operationId":"drain")"));
    EXPECT_EQ(drain.substr(0, drain.find("operationId", 20)).find("requestBody"), std::string::npos);
    EXPECT_NE(text.find("requestBody"), std::string::npos);
}

TEST(OpenApi, ExampleOfABodyIsShown) {
    Routes with_example("/api/pools", "Pools");
    with_example.post(
                    "", "Create a pool", [](Pool in) { return in; }, any_caller)
        .example(R"({"name":"fast"})");
    const auto text = openapi_document(with_example.all(), {});
    EXPECT_NE(text.find(R"("example":{"name":"fast"})"), std::string::npos) << text;
}

/// The document of one route, from its path on.
std::string of_route(Routes routes, const ApiInfo& info = {}) {
    const auto text = openapi_document(routes.all(), info);
    return text.substr(text.find(R"("paths")"));
}

TEST(OpenApi, WhatExistsAlreadyIsAConflictUnlessTheAnswerCanSaySo) {
    const auto make = [](Pool in) { return Created<Pool>{in, ""}; };
    const auto make_or_find = [](Pool in) { return Created<StoredPool>{{in, {}}, ""}; };
    const auto refusing = of_route(Routes("/pools").post("", "Create", make, any_caller));
    const auto answering = of_route(Routes("/pools").post("", "Create", make_or_find, any_caller));
    EXPECT_NE(refusing.find(R"("409")"), std::string::npos) << refusing;
    EXPECT_EQ(refusing.find(R"("200")"), std::string::npos) << refusing;
    EXPECT_EQ(answering.find(R"("409")"), std::string::npos) << answering;
    EXPECT_NE(answering.find(R"("200")"), std::string::npos) << answering;
}

TEST(OpenApi, BodyIsRequiredWhereAMemberIs) {
    const auto make = [](Pool in) { return in; };
    const auto edit = [](EditPool in) { return Pool{in.id, in.name}; };
    const auto needed = of_route(Routes("/pools").post("", "Create", make, any_caller));
    const auto optional = of_route(Routes("/pools").post("/{id}", "Edit", edit, any_caller));
    EXPECT_NE(needed.find(R"("requestBody":{"required":true)"), std::string::npos) << needed;
    EXPECT_NE(optional.find(R"("requestBody":{"required":false)"), std::string::npos) << optional;
}

TEST(OpenApi, ParametersHaveTheirOtherNamesAndMeanings) {
    const auto find = [](FindPools) { return Pool{}; };
    constexpr HeaderField field{"X-Shop", R"({"type":"string"})", "Whose."};
    Routes routes("/pools", "Pools");
    routes.get("", "Find", find, any_caller).reads(field).says("Finds *some*.").shows(R"({"name":"x"})");
    ApiInfo info;
    info.description = "All of it.";
    info.tags = {{"Pools", "Of water."}};
    info.glossary = {{"names", "Some of these."}};
    const auto text = openapi_document(routes.all(), info);
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(R"("version":"0.1.0","description":"All of it."})")) << text;
    EXPECT_TRUE(has(R"("tags":[{"name":"Pools","description":"Of water."}])")) << text;
    EXPECT_TRUE(has(R"("summary":"Find","description":"Finds *some*.")")) << text;
    EXPECT_TRUE(has(R"({"name":"names","in":"query","description":"Some of these.","schema":)")) << text;
    EXPECT_TRUE(has(R"({"name":"name","in":"query","description":"The same as `names`.","schema":)")) << text;
    EXPECT_TRUE(has(R"({"name":"X-Shop","in":"header","description":"Whose.","schema":)")) << text;
    EXPECT_TRUE(has(R"("schema":{"$ref":"#/components/schemas/Pool"},"example":{"name":"x"})")) << text;
}

TEST(OpenApi, OtherBodiesAreDescribedByMediaTypeAndByStatus) {
    Routes routes("/api/pools", "Pools");
    routes.post(
              "", "Create a pool", [](Pool in) { return in; }, any_caller)
        .also_takes({"application/pool+json", R"({"const":1})", "1"})
        .gives<FindPool>(202)
        .gives<EditPool>(400);
    const auto text = openapi_document(routes.all(), {});
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(R"("application/pool+json":{"schema":{"const":1},"example":1})")) << text;
    const std::string content = R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/)";
    EXPECT_TRUE(has(R"("200":{"description":"OK",)" + content + "Pool")) << text;
    EXPECT_TRUE(has(R"("202":{"description":"Accepted",)" + content + "FindPool")) << text;
    EXPECT_TRUE(has(R"("400":{"description":"Bad Request",)" + content + "EditPool")) << text;
}

TEST(OpenApi, AnswersNameWhatIsAlwaysThere) {
    const auto text = openapi_document(routes().all(), {});
    EXPECT_NE(
        text.find(R"("required":["type","title","status","detail","instance","error","message"])"),
        std::string::npos)
        << text;
}

TEST(OpenApi, DoesNotDependOnTheOrderOfTheRoutes) {
    auto forward = routes().take();
    auto backward = forward;
    std::ranges::reverse(backward);
    EXPECT_EQ(openapi_document(forward, {}), openapi_document(backward, {}));
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
    const auto text = openapi_document(routes().all(), {});
    constexpr std::string_view reference = R"("$ref":"#/components/)";
    std::size_t count = 0;
    for (auto at = text.find(reference); at != std::string::npos;
         at = text.find(reference, at + 1), ++count) {
        auto name = text.substr(at + reference.size());
        name = name.substr(name.find('/') + 1);
        name = name.substr(0, name.find('"'));
        EXPECT_NE(text.find('"' + name + "\":{"), std::string::npos) << name;
    }
    EXPECT_GT(count, 10U);
}

TEST(OpenApi, IsServedWithAPageThatNeedsNothingElse) {
    auto all = routes();
    add_api_document(all, {});
    testing::TestServer server(all.take());
    testing::TestClient client(server.port());
    const auto document = client.send("GET", "/swagger/openapi.json");
    EXPECT_EQ(document.status, 200);
    EXPECT_EQ(document.header("Content-Type"), "application/json");
    EXPECT_TRUE(document.contains("/api/pools/{id}"));
    const auto page = client.send("GET", "/swagger/");
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_FALSE(page.contains("https://cdn")) << "no page of ours loads from elsewhere";
    EXPECT_FALSE(page.contains("src=\"http"));
}

}  // namespace fc::http::openapi_test
