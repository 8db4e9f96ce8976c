#pragma once

#include "http/client.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <optional>

namespace fc::http {

/// Beast's response grammar, written straight into a ClientResponse: its own message type costs an allocation
/// a header and a copy of the body. Keeps the first `body_kept_max` bytes of the body and counts the rest.
class ClientParser : public boost::beast::http::basic_parser<false> {
public:
    static constexpr std::uint32_t header_bytes_max = 8 * 1024;

    ClientParser(ClientResponse* response, std::size_t body_kept_max);
    std::size_t body_bytes() const { return body_bytes_; }

private:
    using ErrorCode = boost::beast::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, Text, Text, int, ErrorCode&) override {}
    void on_response_impl(int status, Text, int, ErrorCode&) override { response_->status = status; }
    void on_field_impl(boost::beast::http::field, Text name, Text value, ErrorCode&) override {
        response_->headers.emplace_back(name, value);
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(Text bytes, ErrorCode&) override { return keep(bytes); }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ErrorCode&) override { return keep(bytes); }
    void on_finish_impl(ErrorCode&) override {}

    std::size_t keep(Text bytes);

    ClientResponse* response_;
    std::size_t body_kept_max_;
    std::size_t body_bytes_ = 0;
};

/// Turns the bytes that arrive after one request into its response; interim responses (100, 103) are passed
/// over.
class ClientResponseReader {
public:
    ClientResponseReader(ClientResponse* response, std::size_t body_kept_max, bool is_head_request);

    /// Takes bytes and tells how many it used; the others have to come again, together with more.
    std::size_t put(boost::asio::const_buffer bytes, boost::system::error_code& error);
    /// The peer has ended the stream; an error when that is not where the response ends.
    void put_end(boost::system::error_code& error);

    bool is_done() const { return parser_->is_done(); }
    bool keep_alive() const { return parser_->keep_alive(); }
    std::size_t body_bytes() const { return parser_->body_bytes(); }

private:
    void begin_message();

    ClientResponse* response_;
    std::size_t body_kept_max_;
    bool is_head_request_;
    std::optional<ClientParser> parser_;  // good for one message
};

}  // namespace fc::http
