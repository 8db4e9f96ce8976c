#include "flowcatalyst/cli/misbehaviour.h"

#include <gtest/gtest.h>

namespace fc::cli {
namespace {

constexpr Conduct well{};
constexpr Conduct unavailable_503{.kind = Conduct::Kind::answer, .status = 503};
constexpr Conduct timeout{.kind = Conduct::Kind::timeout};
constexpr Conduct reset{.kind = Conduct::Kind::reset};

TEST(Misbehaviour, BehavesWellUnlessAsked) {
    Misbehaviour none;
    EXPECT_EQ(none.next(0), well);
}

TEST(Misbehaviour, KindsTakeTurnsOnEveryDelivery) {
    auto asked = Misbehaviour::parse("503,timeout,reset").value();
    for (const auto& expected : {unavailable_503, timeout, reset, unavailable_503}) {
        EXPECT_EQ(asked.next(0.999), expected);
    }
}

TEST(Misbehaviour, ShareLeavesTheOtherDeliveriesAloneAndKeepsTheTurn) {
    auto asked = Misbehaviour::parse("503,reset:0.25").value();
    EXPECT_EQ(asked.next(0.1), unavailable_503);
    EXPECT_EQ(asked.next(0.25), well);
    EXPECT_EQ(asked.next(0.9), well);
    EXPECT_EQ(asked.next(0.2), reset);
}

TEST(Misbehaviour, ShareOfOneIsAlwaysAndOfNoneIsNever) {
    EXPECT_EQ(Misbehaviour::parse("reset:1")->next(0.999), reset);
    EXPECT_EQ(Misbehaviour::parse("reset:0")->next(0), well);
}

TEST(Misbehaviour, RefusesWhatItDoesNotKnow) {
    for (const auto* text :
         {"", ",", "503,", "no", "99", "199", "600", "5o3", "503:", "503:2", "503:-0.1", "503:nan", ":0.5"}) {
        EXPECT_FALSE(Misbehaviour::parse(text)) << text;
    }
}

}  // namespace
}  // namespace fc::cli
