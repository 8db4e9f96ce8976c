#include "http/client_parser.h"

#include "http/client_wire.h"

#include <gtest/gtest.h>

namespace fc::http {
namespace {

/// Feeds `bytes` in pieces of at most `piece` and returns the response; "error" as body when the reader
/// refuses.
ClientResponse read_in_pieces(const std::string& bytes, std::size_t piece) {
    ClientResponse response;
    ClientResponseReader reader(&response, 64 * 1024, false);
    boost::system::error_code error;
    std::string unparsed;
    for (std::size_t at = 0; at < bytes.size() && !reader.is_done() && !error; at += piece) {
        unparsed += bytes.substr(at, piece);
        unparsed.erase(0, reader.put(boost::asio::buffer(unparsed), error));
    }
    if (!error && !reader.is_done()) reader.put_end(error);
    if (error) response.body = "error";
    return response;
}

TEST(ClientResponseReader, GivesTheSameResponseHoweverTheBytesArrive) {
    const std::string bytes =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: t\r\n\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        const auto response = read_in_pieces(bytes, piece);
        ASSERT_EQ(response.status, 429) << piece;
        ASSERT_EQ(response.body, "hello!") << piece;
        ASSERT_EQ(response.header("retry-after"), "7") << piece;
        ASSERT_FALSE(response.header("link")) << piece;
    }
}

TEST(ClientResponseReader, ACutResponseIsAnErrorAtEveryByte) {
    const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_EQ(read_in_pieces(bytes.substr(0, length), 7).body, "error") << length;
    }
    EXPECT_EQ(read_in_pieces(bytes, 7).body, "hello");
}

TEST(ClientResponseReader, RefusesWhatIsNotHttp) {
    for (const auto* bytes :
         {"HTTP/2 200\r\n\r\n",
          "HTTP/1.1 20 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "\r\n\r\n"}) {
        EXPECT_EQ(read_in_pieces(bytes, 1000).body, "error") << bytes;
    }
}

TEST(ClientTarget, IsTakenFromTheUrl) {
    const auto plain = parse_target("http://Example.COM/a/b?c=d");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host, "example.com");
    EXPECT_EQ(plain->port, 80);
    EXPECT_EQ(plain->path, "/a/b?c=d");
    EXPECT_FALSE(plain->is_tls);
    const auto tls = parse_target("https://[2001:DB8::1]:8443?x");
    ASSERT_TRUE(tls);
    EXPECT_EQ(tls->host, "2001:db8::1");
    EXPECT_EQ(tls->authority, "[2001:DB8::1]:8443");
    EXPECT_EQ(tls->path, "/?x");
    EXPECT_TRUE(tls->is_tls);
    EXPECT_EQ(parse_target("https://a:443/")->authority, "a");
    for (const auto* url :
         {"",
          "/a",
          "ftp://a/",
          "http://",
          "http:///a",
          "http://u:p@a/",
          "http://a:0/",
          "http://a:99999/",
          "http://a b/",
          "http://a%0d%0ab/",
          "http://a/\r\nX: y"}) {
        EXPECT_FALSE(parse_target(url)) << url;
    }
}

TEST(ClientTargets, AreTakenApartOnceAndAreNeverTooMany) {
    ClientTargets targets(2);
    const auto first = targets.find("http://a/1");
    EXPECT_EQ(first->path, "/1");
    EXPECT_EQ(targets.find("http://a/1"), first);
    EXPECT_EQ(targets.find("http://a/2")->path, "/2");
    EXPECT_EQ(targets.find("ftp://a/"), nullptr);
    EXPECT_EQ(targets.size(), 2U);
    EXPECT_EQ(targets.find("https://a/1")->port, 443);
    const auto long_url = "http://a/" + std::string(ClientTargets::url_bytes_max, 'b');
    EXPECT_EQ(targets.find(long_url)->port, 80);
    EXPECT_EQ(targets.size(), 1U);
    EXPECT_EQ(first->host, "a") << "one in use stays whole";
}

}  // namespace
}  // namespace fc::http
