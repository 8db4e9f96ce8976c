#include "bench/payload.h"

#include <gtest/gtest.h>

namespace fc::bench {
namespace {

constexpr std::string_view tag = "0a1b2c3d";

TEST(Payload, HasTheSizeAskedForAndCarriesItsMark) {
    Payload payload{tag, 200};
    EXPECT_EQ(payload.text.size(), 200U);
    const Mark mark{.number = 1'234'567, .group = 999, .intended = Nanos{81'273'645'546'372}};
    write_mark(payload.text.data() + payload.mark_at, mark);
    std::size_t from = 0;
    EXPECT_EQ(MarkReader{tag}.next(payload.text, from), mark);
    EXPECT_EQ(MarkReader{tag}.next(payload.text, from), std::nullopt);
}

TEST(Payload, TooSmallForItsMarkIsRefused) {
    EXPECT_THROW(Payload(tag, 40), std::runtime_error);
}

TEST(Payload, MatchesAnyMarkButNoOtherByte) {
    const Payload payload{tag, 120};
    std::string body = payload.text;
    write_mark(body.data() + payload.mark_at, Mark{.number = 7, .group = 3, .intended = Nanos{9}});
    EXPECT_TRUE(payload.matches(body));
    EXPECT_FALSE(payload.matches(body + " "));
    body.back() = ']';
    EXPECT_FALSE(payload.matches(body));
}

TEST(MarkReader, SkipsOtherRunsAndFindsAllOfItsOwn) {
    const std::string body = blank_mark("ffffffff") + "," + blank_mark(tag) + "," + blank_mark(tag);
    std::size_t from = 0;
    int found = 0;
    while (MarkReader{tag}.next(body, from)) ++found;
    EXPECT_EQ(found, 2);
}

TEST(MarkReader, BrokenMarkIsNone) {
    std::string body = blank_mark(tag);
    body[20] = 'x';
    std::size_t from = 0;
    EXPECT_EQ(MarkReader{tag}.next(body, from), std::nullopt);
    from = 0;
    EXPECT_EQ(MarkReader{tag}.next(std::string_view{body}.substr(0, 30), from), std::nullopt);
}

TEST(Payload, OfAPointerIsWhatTheRouterPosts) {
    const auto payload = Payload::of_pointer("0a1b2c3d");
    const auto body = R"({"messageId":"fcb-0a1b2c3d.000000000041.000007.00000000000000001234"})";
    EXPECT_TRUE(payload.matches(body));
    EXPECT_FALSE(payload.matches(std::string{body} + " "));
}

}  // namespace
}  // namespace fc::bench
