#include "http/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace fc::http {
namespace {

struct BadHead {
    const char* name;
    std::string text;
    int status;
};

std::string with_host(std::string line) {
    return std::move(line) + "\r\nHost: a\r\n\r\n";
}

std::string field(std::string line) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::move(line) + "\r\n\r\n";
}

class BadHeads : public ::testing::TestWithParam<BadHead> {};

TEST_P(BadHeads, AreRefused) {
    HeadParser parser;
    RequestHead head;
    ASSERT_EQ(parser.parse(GetParam().text, head), HeadParser::State::faulty);
    EXPECT_EQ(parser.fault().status, GetParam().status);
    EXPECT_FALSE(parser.fault().detail.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadHeads,
    ::testing::Values(
        BadHead{"NoMethod", with_host("/ HTTP/1.1"), 400},
        BadHead{"NoVersion", with_host("GET /"), 400},
        BadHead{"SpaceInTarget", with_host("GET /a b HTTP/1.1"), 400},
        BadHead{"ControlInTarget", with_host("GET /a\x01 HTTP/1.1"), 400},
        BadHead{"NonAsciiTarget", with_host("GET /\xc3\xa4 HTTP/1.1"), 400},
        BadHead{"RelativeTarget", with_host("GET index HTTP/1.1"), 400},
        BadHead{"Fragment", with_host("GET /#top HTTP/1.1"), 400},
        BadHead{"BadMethod", with_host("G(T / HTTP/1.1"), 400},
        BadHead{"Http2", with_host("PRI * HTTP/2.0"), 505},
        BadHead{"NotHttp", with_host("GET / SPDY/1"), 400},
        BadHead{"TlsHello", std::string("\x16\x03\x01\x02 \x01 \x01\r\n\r\n", 12), 400},
        BadHead{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        BadHead{"TwoHosts", field("Host: b"), 400},
        BadHead{"SpaceBeforeColon", field("X : 1"), 400},
        BadHead{"ContinuedLine", field("X: 1\r\n 2"), 400},
        BadHead{"NoColon", field("X"), 400},
        BadHead{"EmptyName", field(": 1"), 400},
        BadHead{"BareCarriageReturn", field("X: a\rb"), 400},
        BadHead{"BareLineFeed", field("X: a\nY: b"), 400},
        BadHead{"NulInValue", field(std::string("X: a\0b", 6)), 400},
        BadHead{"NegativeLength", field("Content-Length: -1"), 400},
        BadHead{"PlusLength", field("Content-Length: +1"), 400},
        BadHead{"EmptyLength", field("Content-Length:"), 400},
        BadHead{"HugeLength", field("Content-Length: 99999999999999999999999"), 400},
        BadHead{"ListedLength", field("Content-Length: 1, 1"), 400},
        BadHead{"TwoLengths", field("Content-Length: 1\r\nContent-Length: 2"), 400},
        BadHead{"LengthAndChunked", field("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400},
        BadHead{"ChunkedTwice", field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 501},
        BadHead{"Gzip", field("Transfer-Encoding: gzip, chunked"), 501},
        BadHead{"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        BadHead{"LongTarget", "GET /" + std::string(9000, 'a'), 414},
        BadHead{"LongTargetInOnePiece", with_host("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414},
        BadHead{"LargeHeader", field("X: " + std::string(17'000, 'a')), 431},
        BadHead{"EndlessHeader", "GET / HTTP/1.1\r\nX: " + std::string(17'000, 'a'), 431}),
    [](const auto& each) { return each.param.name; });

TEST(HeadParser, RefusesTooManyFields) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 100; ++i) text += "a:b\r\n";
    HeadParser parser;
    RequestHead head;
    EXPECT_EQ(parser.parse(text + "\r\n", head), HeadParser::State::faulty);
    EXPECT_EQ(parser.fault().status, 431);
}

TEST(HeadParser, TakesARequestApart) {
    HeadParser parser;
    RequestHead head;
    const std::string text =
        "\r\nPOST /a/b?c=d&e HTTP/1.1\r\nhost:x\r\nContent-length: 5 \r\nauthorization:\tBearer t\r\n"
        "Expect: 100-Continue\r\n\r\nhello";
    ASSERT_EQ(parser.parse(text, head), HeadParser::State::complete);
    EXPECT_EQ(parser.size(), text.size() - 5);
    EXPECT_EQ(head.method, Method::post);
    EXPECT_EQ(head.path, "/a/b");
    EXPECT_EQ(head.query, "c=d&e");
    EXPECT_EQ(head.content_length, 5U);
    EXPECT_EQ(head.authorization, "Bearer t");
    EXPECT_EQ(head.header("HOST"), "x");
    EXPECT_TRUE(head.expects_continue);
    EXPECT_TRUE(head.keep_alive);
}

TEST(HeadParser, UnderstandsTheTargetsThatProxiesAreSent) {
    HeadParser parser;
    RequestHead head;
    const auto text = with_host("GET http://a:80/b?c HTTP/1.1");
    ASSERT_EQ(parser.parse(text, head), HeadParser::State::complete);
    EXPECT_EQ(head.path, "/b");
}

TEST(HeadParser, WaitsForTheEndWhereverTheInputIsCut) {
    const std::string text = field("Connection: keep-alive, Close");
    HeadParser parser;
    RequestHead head;
    for (std::size_t size = 0; size < text.size(); ++size) {
        ASSERT_EQ(parser.parse(std::string_view(text).substr(0, size), head), HeadParser::State::incomplete)
            << size;
    }
    ASSERT_EQ(parser.parse(text, head), HeadParser::State::complete);
    EXPECT_FALSE(head.keep_alive);
}

TEST(HeadParser, ARequestLineIsTooLongHoweverItArrives) {
    for (const std::size_t size : {8'192U, 8'193U}) {
        const auto path_bytes = size - std::string_view("GET / HTTP/1.1").size();
        const auto text = with_host("GET /" + std::string(path_bytes, 'a') + " HTTP/1.1");
        HeadParser whole;
        HeadParser parts;
        RequestHead head;
        const auto state = whole.parse(text, head);
        auto in_parts = parts.parse(std::string_view(text).substr(0, size + 2), head);
        if (in_parts == HeadParser::State::incomplete) in_parts = parts.parse(text, head);
        EXPECT_EQ(state, size == 8'192 ? HeadParser::State::complete : HeadParser::State::faulty) << size;
        EXPECT_EQ(in_parts, state) << size;
    }
}

TEST(HeadParser, AnIdThatIsNotPlainIsNotEchoed) {
    HeadParser parser;
    RequestHead head;
    const auto text = field("X-Correlation-ID: a b");
    ASSERT_EQ(parser.parse(text, head), HeadParser::State::complete);
    EXPECT_EQ(head.correlation_id, "");
}

// Mutations of a sound request: whatever comes out, it is the same in one piece and in two, and within the
// input.
TEST(HeadParser, ReadsAnyInputTheSameInOnePieceAndInTwo) {
    const std::string sound =
        "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\nX: y\r\n\r\nhello";
    constexpr std::string_view alphabet = "\r\n :,/?%\t;x0\x80";
    std::uint64_t random = 42;
    const auto below = [&random](std::size_t limit) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(random >> 33) % limit;
    };
    std::size_t complete = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto text = sound;
        for (auto edits = below(4); edits > 0; --edits) {
            const auto at = below(text.size());
            if (below(3) == 0)
                text.erase(at, 1 + below(3));
            else
                text.insert(at, 1, alphabet[below(alphabet.size())]);
        }
        HeadParser whole;
        HeadParser parts;
        RequestHead head;
        RequestHead again;
        const auto state = whole.parse(text, head);
        auto in_parts = parts.parse(std::string_view(text).substr(0, below(text.size())), again);
        if (in_parts == HeadParser::State::incomplete) in_parts = parts.parse(text, again);
        ASSERT_EQ(state, in_parts) << text;
        if (state != HeadParser::State::complete) continue;
        ++complete;
        ASSERT_LE(whole.size(), text.size());
        ASSERT_EQ(whole.size(), parts.size());
        ASSERT_EQ(head.path, again.path);
        ASSERT_EQ(head.fields.size(), again.fields.size());
    }
    EXPECT_GT(complete, 1000U);
}

ChunkedDecoder::State decode(std::string_view input, std::string* body = nullptr) {
    std::string unused;
    ChunkedDecoder decoder(100);
    decoder.feed(input, body ? *body : unused);
    return decoder.state();
}

TEST(ChunkedDecoder, DecodesWhereverTheInputIsCut) {
    const std::string_view text = "3\r\nabc\r\nA;name=\"v\"\r\n0123456789\r\n0\r\nX: y\r\n\r\nnext";
    for (std::size_t cut = 0; cut < text.size() - 4; ++cut) {
        ChunkedDecoder decoder(100);
        std::string body;
        EXPECT_EQ(decoder.feed(text.substr(0, cut), body), cut);
        const auto used = decoder.feed(text.substr(cut), body);
        EXPECT_EQ(text.substr(cut + used), "next");
        EXPECT_EQ(decoder.state(), ChunkedDecoder::State::done);
        EXPECT_EQ(body, "abc0123456789");
    }
}

TEST(ChunkedDecoder, RefusesWhatIsNoChunk) {
    using State = ChunkedDecoder::State;
    EXPECT_EQ(decode("\r\n"), State::malformed);
    EXPECT_EQ(decode("x\r\n"), State::malformed);
    EXPECT_EQ(decode("-1\r\n"), State::malformed);
    EXPECT_EQ(decode("1\nabc"), State::malformed);
    EXPECT_EQ(decode("1\r\nab\r\n"), State::malformed);
    EXPECT_EQ(decode("ffffffffffffffff\r\n"), State::malformed);
    EXPECT_EQ(decode("1;" + std::string(9000, 'x')), State::malformed);
    EXPECT_EQ(decode("0\r\n" + std::string(9000, 'x')), State::malformed);
    EXPECT_EQ(decode("0\r\n\n"), State::malformed);
    EXPECT_EQ(decode("65\r\n"), State::too_large);
    EXPECT_EQ(decode("64\r\n"), State::reading);
}

}  // namespace
}  // namespace fc::http
