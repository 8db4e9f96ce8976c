#include "router/router_targets.h"

#include <gtest/gtest.h>

namespace fc::router {
namespace {

TEST(RouterTargets, HostAllowsEveryPortOfIt) {
    const auto targets = RouterTargets::parse("platform.internal").value();
    EXPECT_TRUE(targets.allows("http://platform.internal/process"));
    EXPECT_TRUE(targets.allows("https://PLATFORM.internal:8443/process"));
    EXPECT_FALSE(targets.allows("http://platform.internal.evil.example/"));
    EXPECT_FALSE(targets.allows("http://evil.example/?platform.internal"));
}

TEST(RouterTargets, PortLimitsToIt) {
    const auto targets = RouterTargets::parse("a:8080, [::1]:9090").value();
    EXPECT_TRUE(targets.allows("http://a:8080/x"));
    EXPECT_FALSE(targets.allows("http://a/x"));
    EXPECT_TRUE(targets.allows("http://[::1]:9090/"));
    EXPECT_FALSE(targets.allows("http://[::1]:9091/"));
}

TEST(RouterTargets, UrlCountsByItsOrigin) {
    const auto targets = RouterTargets::parse("http://localhost:8080/base,https://b.example").value();
    EXPECT_TRUE(targets.allows("http://localhost:8080/api/dispatch/process"));
    EXPECT_FALSE(targets.allows("http://localhost:8081/"));
    EXPECT_TRUE(targets.allows("https://b.example:443/x"));
    EXPECT_FALSE(targets.allows("http://b.example/x"));
}

TEST(RouterTargets, StarAllowsAllUrlsAndNothingElse) {
    const auto targets = RouterTargets::parse("*").value();
    EXPECT_TRUE(targets.allows("http://anything.example/"));
    EXPECT_FALSE(targets.allows(""));
    EXPECT_FALSE(targets.allows("file:///etc/passwd"));
    EXPECT_FALSE(targets.allows("http://user@host/"));
    EXPECT_FALSE(targets.allows("no url"));
}

TEST(RouterTargets, EmptyAllowsNothingAndNonsenseIsNamed) {
    EXPECT_FALSE(RouterTargets::parse("").value().allows("http://a/"));
    for (const char* list : {"a b", "a/path", "ftp://a", "a,http://"}) {
        EXPECT_FALSE(RouterTargets::parse(list)) << list;
    }
    EXPECT_NE(RouterTargets::parse("ok,a/path").error().detail.find("a/path"), std::string::npos);
}

}  // namespace
}  // namespace fc::router
