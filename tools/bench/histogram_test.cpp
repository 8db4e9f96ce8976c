#include "bench/histogram.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

TEST(Histogram, EmptyIsZero) {
    EXPECT_EQ(Histogram{}.quantile(0.99), Nanos{0});
}

TEST(Histogram, QuantilesAreWithinTwoPercent) {
    Histogram histogram;
    for (int i = 1; i <= 100'000; ++i) histogram.record(Nanos{i * 1'000});
    for (const double share : {0.01, 0.5, 0.99, 0.999}) {
        const double expected = share * 100'000'000;
        EXPECT_NEAR(static_cast<double>(histogram.quantile(share).count()), expected, expected * 0.02)
            << share;
    }
    EXPECT_EQ(histogram.quantile(1), Nanos{100'000'000});
}

TEST(Histogram, SmallValuesAreExact) {
    Histogram histogram;
    for (const int nanos : {3, 5, 60}) histogram.record(Nanos{nanos});
    EXPECT_EQ(histogram.quantile(0.1), Nanos{3});
    EXPECT_EQ(histogram.quantile(0.5), Nanos{5});
    EXPECT_EQ(histogram.quantile(1), Nanos{60});
}

TEST(Histogram, OneOutlierOfAHundredIsThePercentileAboveNinetyNine) {
    Histogram histogram;
    for (int i = 0; i < 99; ++i) histogram.record(Nanos{1'000'000});
    histogram.record(std::chrono::hours{1});
    EXPECT_LT(histogram.quantile(0.99), Nanos{1'050'000});
    EXPECT_EQ(histogram.quantile(0.999), Nanos{std::chrono::hours{1}});
}

TEST(Histogram, NegativeCountsAsZero) {
    Histogram histogram;
    histogram.record(Nanos{-5});
    EXPECT_EQ(histogram.count(), 1U);
    EXPECT_EQ(histogram.quantile(0.5), Nanos{0});
}

}  // namespace
}  // namespace fc::bench
