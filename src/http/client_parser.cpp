#include "http/client_parser.h"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace fc::http {

using boost::system::error_code;

ClientParser::ClientParser(ClientResponse* response, std::size_t body_kept_max)
    : response_(response),
      body_kept_max_(body_kept_max) {
    eager(true);
    body_limit(boost::none);
    header_limit(header_bytes_max);
}

std::size_t ClientParser::keep(Text bytes) {
    const auto room = body_kept_max_ - response_->body.size();
    response_->body.append(bytes.data(), std::min(room, bytes.size()));
    body_bytes_ += bytes.size();
    response_->body_truncated = body_bytes_ > body_kept_max_;
    return bytes.size();
}

ClientResponseReader::ClientResponseReader(
    ClientResponse* response, std::size_t body_kept_max, bool is_head_request)
    : response_(response),
      body_kept_max_(body_kept_max),
      is_head_request_(is_head_request) {
    begin_message();
}

void ClientResponseReader::begin_message() {
    response_->headers.clear();
    parser_.emplace(response_, body_kept_max_);
    parser_->skip(is_head_request_);
}

std::size_t ClientResponseReader::put(boost::asio::const_buffer bytes, error_code& error) {
    std::size_t used = 0;
    for (;;) {
        used += parser_->put(bytes + used, error);
        if (error == boost::beast::http::error::need_more) error.clear();
        const bool is_interim = !error && parser_->is_done() && response_->status / 100 == 1;
        if (!is_interim) return used;
        if (response_->status == 101)
            error = boost::beast::http::error::bad_status;  // nobody asked to switch
        if (error) return used;
        begin_message();
        if (used == bytes.size()) return used;
    }
}

void ClientResponseReader::put_end(error_code& error) {
    if (!parser_->got_some()) {
        error = boost::beast::http::error::end_of_stream;
        return;
    }
    parser_->put_eof(error);
}

}  // namespace fc::http
