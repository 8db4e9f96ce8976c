#include "flowcatalyst/cli/delivery_book.h"

#include <gtest/gtest.h>

namespace fc::cli {
namespace {

using Order = Sighting::Order;
const std::optional<std::string> group = "g";

TEST(DeliveryBook, GrowingJobsOfAGroupAreInOrder) {
    DeliveryBook book;
    EXPECT_EQ(book.arrive(Tsid{1}, group).order, Order::right);
    EXPECT_EQ(book.arrive(Tsid{5}, group).order, Order::right);
}

TEST(DeliveryBook, JobThatWasOvertakenIsOutOfOrder) {
    DeliveryBook book;
    book.arrive(Tsid{2}, group);
    book.accept(Tsid{2});
    EXPECT_EQ(book.arrive(Tsid{1}, group).order, Order::wrong);
    EXPECT_EQ(book.arrive(Tsid{3}, group).order, Order::right);
}

TEST(DeliveryBook, RetryOfTheHeadIsInOrder) {
    DeliveryBook book;
    book.arrive(Tsid{1}, group);
    const auto retry = book.arrive(Tsid{1}, group);
    EXPECT_TRUE(retry.is_again);
    EXPECT_EQ(retry.order, Order::right);
}

TEST(DeliveryBook, RetryBehindALaterJobIsOutOfOrder) {
    DeliveryBook book;
    book.arrive(Tsid{1}, group);
    book.arrive(Tsid{2}, group);
    EXPECT_EQ(book.arrive(Tsid{1}, group).order, Order::wrong);
}

TEST(DeliveryBook, AcceptedJobThatComesAgainIsNoQuestionOfOrder) {
    DeliveryBook book;
    book.arrive(Tsid{1}, group);
    book.accept(Tsid{1});
    book.arrive(Tsid{2}, group);
    const auto repeat = book.arrive(Tsid{1}, group);
    EXPECT_TRUE(repeat.is_again);
    EXPECT_EQ(repeat.order, Order::right);
}

TEST(DeliveryBook, GroupsAndUngroupedJobsDoNotMeet) {
    DeliveryBook book;
    book.arrive(Tsid{9}, "other");
    book.arrive(Tsid{9}, std::nullopt);
    EXPECT_EQ(book.arrive(Tsid{1}, group).order, Order::right);
    EXPECT_EQ(book.arrive(Tsid{2}, std::nullopt).order, Order::unknown);
}

TEST(DeliveryBook, WithoutAnIdNothingIsKnown) {
    DeliveryBook book;
    for (int i = 0; i < 2; ++i) {
        const auto sighting = book.arrive(Tsid{}, group);
        EXPECT_FALSE(sighting.is_again);
        EXPECT_EQ(sighting.order, Order::unknown);
    }
}

TEST(DeliveryBook, ForgetsTheOldestJobBeyondItsBound) {
    DeliveryBook book(2);
    for (const std::uint64_t id : {1U, 2U, 3U}) book.arrive(Tsid{id}, std::nullopt);
    EXPECT_TRUE(book.arrive(Tsid{2}, std::nullopt).is_again);
    EXPECT_FALSE(book.arrive(Tsid{1}, std::nullopt).is_again);
}

}  // namespace
}  // namespace fc::cli
