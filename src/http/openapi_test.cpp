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
    EXPECT_TRUE(text.starts_with(
        R"({"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/api/pools":{"get":)"));
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
        has(R"("content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}})"));
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

TEST(OpenApi, OtherBodiesAreDescribedByMediaTypeAndByStatus) {
    Routes routes("/api/pools", "Pools");
    routes.post(
              "", "Create a pool", [](Pool in) { return in; }, any_caller)
        .also_takes({"application/pool+json", R"({"const":1})"})
        .gives<FindPool>(202)
        .gives<EditPool>(400);
    const auto text = openapi_document(routes.all(), {});
    const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(R"("application/pool+json":{"schema":{"const":1}})")) << text;
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
