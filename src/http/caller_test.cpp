#include "http/caller.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

TEST(PermissionSet, StarsStandForSegments) {
    const PermissionSet set({"messaging:*:read", "platform:*", "router:pool:update"});
    EXPECT_TRUE(set.allows("messaging:event:read"));
    EXPECT_TRUE(set.allows("platform:iam:role:view"));
    EXPECT_TRUE(set.allows("router:pool:update"));
    EXPECT_FALSE(set.allows("messaging:event:create"));
    EXPECT_FALSE(set.allows("messaging:event:read:more"));
    EXPECT_FALSE(set.allows("messaging:event"));
    EXPECT_FALSE(set.allows("router:pool"));
}

}  // namespace
}  // namespace fc::http
