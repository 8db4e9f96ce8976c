#include "codec/decimal.h"

#include <gtest/gtest.h>

#include <vector>

namespace fc::codec {
namespace {

TEST(Decimal, OrdersNumbersExactly) {
    const std::vector<std::string_view> ascending{
        "-1e400",
        "-9007199254740993",
        "-9007199254740992",
        "-10",
        "-9.5",
        "-0.001",
        "0",
        "1e-400",
        "0.09",
        "0.1",
        "0.11",
        "1",
        "1.0000000000000000000001",
        "2",
        "10",
        "9007199254740992",
        "9007199254740993",
        "123456789012345678901234567890",
        "1e30",
        "1.5E+30",
        "1e400"};
    for (std::size_t left = 0; left < ascending.size(); ++left) {
        for (std::size_t right = 0; right < ascending.size(); ++right) {
            EXPECT_EQ(Decimal(ascending[left]) <=> Decimal(ascending[right]), left <=> right)
                << ascending[left] << " and " << ascending[right];
        }
    }
}

TEST(Decimal, OneValueHasManySpellings) {
    for (const auto* one : {"100", "1e2", "1E+2", "100.0", "0.1e3", "1000e-1", "100.000e0"})
        EXPECT_EQ(Decimal(one), Decimal("100")) << one;
    for (const auto* zero : {"0", "-0", "0.0", "-0.000e9", "0e-5"})
        EXPECT_EQ(Decimal(zero), Decimal("0")) << zero;
    EXPECT_EQ(Decimal("-0.10"), Decimal("-1e-1"));
}

TEST(Decimal, ExponentsOfAnySizeAreRead) {
    EXPECT_GT(Decimal("1e99999999999999999999"), Decimal("9e999"));
    EXPECT_LT(Decimal("1e-99999999999999999999"), Decimal("1e-999"));
    EXPECT_LT(Decimal("-1e99999999999999999999"), Decimal("0"));
}

}  // namespace
}  // namespace fc::codec
