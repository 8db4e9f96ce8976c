#include "resource/tenancy.h"

#include <gtest/gtest.h>

namespace fc::resource {
namespace {

constexpr Tsid shop{77};
constexpr Tsid other{78};

http::RequestData data_of(http::Scope scope, std::optional<Tsid> client_id) {
    http::RequestData data;
    data.caller.scope = scope;
    if (client_id) data.caller.client_id = Id<Client>(*client_id);
    return data;
}

TEST(Tenancy, AnAnchorSeesAllAndOthersTheirClientOnly) {
    const auto anchor = data_of(http::Scope::anchor, std::nullopt).caller;
    EXPECT_TRUE(sees(anchor, shop));
    EXPECT_TRUE(sees(anchor, Tsid{}));
    for (const auto scope : {http::Scope::partner, http::Scope::client}) {
        const auto caller = data_of(scope, shop).caller;
        EXPECT_TRUE(sees(caller, shop));
        EXPECT_FALSE(sees(caller, other));
        EXPECT_FALSE(sees(caller, Tsid{})) << "what belongs to the platform";
    }
}

TEST(Tenancy, ACallerWithoutAClientSeesNothing) {
    EXPECT_FALSE(sees(data_of(http::Scope::client, std::nullopt).caller, Tsid{}));
    EXPECT_FALSE(sees(data_of(http::Scope::client, Tsid{}).caller, Tsid{}));
    EXPECT_FALSE(sees(http::Caller{}, shop));
}

TEST(Tenancy, OnlyAnAnchorChoosesItsClient) {
    const auto id = shop.to_string();
    auto anchor = data_of(http::Scope::anchor, std::nullopt);
    EXPECT_EQ(client_of(http::Request(anchor)).value(), Tsid{});
    anchor.head.fields.push_back({"X-Client-ID", id});
    EXPECT_EQ(client_of(http::Request(anchor)).value(), shop);
    EXPECT_EQ(owner_of_new(http::Request(anchor), std::nullopt).value(), shop);
    EXPECT_EQ(owner_of_new(http::Request(anchor), other).value(), other);
    anchor.head.fields[0].value = "short";
    EXPECT_EQ(client_of(http::Request(anchor)).error().code, "INVALID_CLIENT_ID");

    auto clients = data_of(http::Scope::client, other);
    clients.head.fields.push_back({"X-Client-ID", id});
    EXPECT_EQ(client_of(http::Request(clients)).value(), other);
    EXPECT_EQ(owner_of_new(http::Request(clients), shop).error().kind, ErrorKind::forbidden);
}

}  // namespace
}  // namespace fc::resource
