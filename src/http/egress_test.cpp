#include "http/egress.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(IpAddress{});
}

EgressFilter filter_allowing(std::string_view cidr) {
    EgressSettings settings;
    settings.allowed.push_back(Cidr::parse(cidr).value());
    return EgressFilter(settings);
}

bool refuses_literal(const EgressFilter& filter, std::string_view url) {
    return filter.refuses_literal(Url::parse(url).value()).has_value();
}

// First and last address of each block of the registries: a wrong prefix length lets one of them through.
TEST(Egress, RefusesEverySpecialPurposeBlockOfIpv4) {
    const EgressFilter filter;
    for (const auto* text :
         {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
          "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.0.0",     "169.254.169.254",
          "169.254.255.255", "172.16.0.0",      "172.31.255.255",  "192.0.0.0",       "192.0.0.255",
          "192.0.2.0",       "192.0.2.255",     "192.31.196.1",    "192.52.193.1",    "192.88.99.1",
          "192.168.0.0",     "192.168.255.255", "192.175.48.1",    "198.18.0.0",      "198.19.255.255",
          "198.51.100.7",    "203.0.113.255",   "224.0.0.1",       "239.255.255.255", "240.0.0.1",
          "255.255.255.255"}) {
        EXPECT_TRUE(filter.refusal(address(text))) << text;
    }
}

TEST(Egress, AllowsTheNeighboursOfTheSpecialBlocksOfIpv4) {
    const EgressFilter filter;
    for (const auto* text :
         {"1.0.0.0",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
          "126.255.255.255", "128.0.0.0",     "169.253.255.255", "169.255.0.0",     "172.15.255.255",
          "172.32.0.0",      "192.0.1.0",     "192.0.3.0",       "192.167.255.255", "192.169.0.0",
          "198.17.255.255",  "198.20.0.0",    "198.51.101.0",    "203.0.112.255",   "203.0.114.0",
          "223.255.255.255", "8.8.8.8"}) {
        EXPECT_FALSE(filter.refusal(address(text))) << text;
    }
}

TEST(Egress, RefusesEverySpecialPurposeBlockOfIpv6) {
    const EgressFilter filter;
    for (const auto* text :
         {"::",
          "::1",
          "::7f00:1",
          "::808:808",
          "100::1",
          "100:0:0:1::1",
          "2001::1",
          "2001:0:53aa:64c::1",
          "2001:2::1",
          "2001:10::1",
          "2001:1ff:ffff::1",
          "2001:db8::1",
          "2002:808:808::1",
          "2620:4f:8000::1",
          "3fff::1",
          "3fff:fff:ffff::1",
          "5f00::1",
          "fc00::1",
          "fdff:ffff::1",
          "fe80::1",
          "febf::1",
          "fec0::1",
          "ff02::1",
          "4000::1",
          "64:ff9b:1::808:808",
          "64:ff9b:1:ffff::1",
          "200::1"}) {
        EXPECT_TRUE(filter.refusal(address(text))) << text;
    }
    for (const auto* text :
         {"2606:4700::1111",
          "2001:200::1",
          "2001:4860:4860::8888",
          "2001:db9::1",
          "2003::1",
          "2620:4f:8001::1",
          "3ffe::1",
          "2a00:1450::1"}) {
        EXPECT_FALSE(filter.refusal(address(text))) << text;
    }
}

TEST(Egress, JudgesAnAddressWithAnEmbeddedIpv4AddressByThat) {
    const EgressFilter filter;
    EXPECT_TRUE(filter.refusal(address("::ffff:127.0.0.1")));
    EXPECT_TRUE(filter.refusal(address("::ffff:169.254.169.254")));
    EXPECT_TRUE(filter.refusal(address("64:ff9b::10.0.0.1")));
    EXPECT_FALSE(filter.refusal(address("::ffff:8.8.8.8")));
    EXPECT_FALSE(filter.refusal(address("64:ff9b::8.8.8.8")));
    EXPECT_EQ(
        *filter.refusal(address("64:ff9b::10.0.0.1")),
        "64:ff9b::a00:1 leads to an IPv4 address: 10.0.0.1 is not a public address (private)");
}

TEST(Egress, AllowListOpensItsBlockOnly) {
    const auto filter = filter_allowing("10.1.0.0/16");
    EXPECT_FALSE(filter.refusal(address("10.1.255.255")));
    EXPECT_FALSE(filter.refusal(address("::ffff:10.1.0.1")));
    EXPECT_TRUE(filter.refusal(address("10.2.0.0")));
    EXPECT_TRUE(filter.refusal(address("127.0.0.1")));
    const auto six = filter_allowing("fd12:3456::/33");
    EXPECT_FALSE(six.refusal(address("fd12:3456:7fff::1")));
    EXPECT_TRUE(six.refusal(address("fd12:3456:8000::1")));
}

TEST(Egress, AllOfIpv6DoesNotOpenIpv4) {
    const auto filter = filter_allowing("::/0");
    EXPECT_FALSE(filter.refusal(address("fe80::1")));
    EXPECT_TRUE(filter.refusal(address("10.0.0.1")));
}

TEST(Egress, DevelopmentModeOpensLoopbackAndNothingElse) {
    const EgressFilter filter(EgressSettings{.allowed = {}, .loopback_allowed = true});
    EXPECT_FALSE(filter.refusal(address("127.0.0.1")));
    EXPECT_FALSE(filter.refusal(address("::1")));
    EXPECT_FALSE(filter.refusal(address("::ffff:127.0.0.1")));
    EXPECT_TRUE(filter.refusal(address("10.0.0.1")));
    EXPECT_TRUE(filter.refusal(address("0.0.0.0")));
}

TEST(Egress, RefusesLiteralHostsWhenAUrlIsSet) {
    const EgressFilter filter;
    for (const auto* url :
         {"http://127.0.0.1/x",
          "http://[::1]:8080/",
          "https://10.0.0.1",
          "http://localhost:9/",
          "http://a.LocalHost./",
          "http://2130706433/",
          "http://0x7f.1/",
          "http://0177.0.0.1/",
          "http://127.1/",
          "http://[::ffff:192.168.0.1]/"}) {
        EXPECT_TRUE(refuses_literal(filter, url)) << url;
    }
    for (const auto* url :
         {"https://example.com/hook", "https://8.8.8.8/", "https://10.example.com/", "http://a1.b2/"}) {
        EXPECT_FALSE(refuses_literal(filter, url)) << url;
    }
    const auto error = filter.refuses_literal(Url::parse("http://192.168.1.1/").value());
    EXPECT_EQ(error->code, "REFUSED_ADDRESS");
    EXPECT_EQ(error->detail, "192.168.1.1 is not a public address (private)");
}

TEST(Egress, MalformedBlocksNameThemselves) {
    for (const auto* text :
         {"", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", "x/8"}) {
        const auto block = Cidr::parse(text);
        ASSERT_FALSE(block) << text;
        EXPECT_EQ(block.error().code, "INVALID_CIDR");
    }
    EXPECT_EQ(Cidr::parse_list(" 10.0.0.0/8, fd00::/8 ,")->size(), 2U);
    EXPECT_TRUE(Cidr::parse_list("")->empty());
    EXPECT_FALSE(Cidr::parse_list("10.0.0.0/8,private"));
    EXPECT_TRUE(Cidr::parse("192.0.2.1")->contains(address("192.0.2.1")));
    EXPECT_FALSE(Cidr::parse("192.0.2.1")->contains(address("192.0.2.2")));
}

}  // namespace
}  // namespace fc::http
