#include "http/connection.h"

namespace fc::http {

namespace asio = boost::asio;

namespace {

/// Read at once, and kept for the next request of the connection.
constexpr std::size_t body_kept_max = 64 * 1024;
/// More than so much of a refused body costs more than a new connection.
constexpr std::size_t body_passed_over_max = 1024 * 1024;

}  // namespace

std::optional<Response> Connection::check_body_size() {
    if (data_.head.content_length <= route_->body_bytes_max) return std::nullopt;
    return unreadable(413, "the body may have at most " + std::to_string(route_->body_bytes_max) + " bytes");
}

Task<std::optional<Response>> Connection::read_body() {
    const auto unread = input_.view().substr(parser_.size());
    if (!data_.head.is_chunked && unread.size() >= data_.head.content_length) {
        body_in_input_ = static_cast<std::size_t>(data_.head.content_length);
        data_.body = unread.substr(0, body_in_input_);
        body_left_ = 0;
        held_.hold(body_in_input_);
        co_return std::nullopt;
    }
    enter(Phase::body, shared_->settings.body_timeout);
    if (data_.head.expects_continue && unread.empty()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        constexpr std::string_view nothing;
        const bool is_written = co_await write_all(nothing);
        if (!is_written) co_return unreadable(400, "the connection broke");
        enter(Phase::body, shared_->settings.body_timeout);
    }
    auto fault = data_.head.is_chunked ? co_await read_chunked_body() : co_await read_sized_body();
    if (fault) co_return fault;
    body_.reserve(body_.size() + spare_bytes);
    data_.body = body_;
    body_left_ = 0;
    co_return std::nullopt;
}

Task<std::optional<Response>> Connection::read_sized_body() {
    const auto size = static_cast<std::size_t>(data_.head.content_length);
    const auto unread = input_.view().substr(parser_.size());
    body_in_input_ = unread.size();
    body_.reserve(std::min(size, body_kept_max) + spare_bytes);
    body_.assign(unread);
    body_left_ = size - unread.size();
    while (body_.size() < size) {
        // Memory follows what arrives, not what was announced.
        const auto have = body_.size();
        const auto step = std::min(size - have, std::max(have, body_kept_max));
        held_.hold(have + step);
        if (lacks_memory()) {
            drop_body();
            co_return overloaded(shared_->shed_for_memory);
        }
        body_.resize(have + step);
        const auto room = asio::buffer(body_.data() + have, step);
        const auto count = co_await read_some(room);
        body_.resize(have + count);
        *body_left_ -= count;
        if (count == 0) {
            body_left_.reset();
            co_return timed_out_ ? unreadable(408, "the body did not arrive in time")
                                 : unreadable(400, "the body is shorter than announced");
        }
    }
    co_return std::nullopt;
}

Task<std::optional<Response>> Connection::read_chunked_body() {
    const auto unread = input_.view().substr(parser_.size());
    ChunkedDecoder decoder(route_->body_bytes_max);
    const auto used = decoder.feed(unread, body_);
    body_in_input_ = used;
    std::vector<char> piece(decoder.state() == ChunkedDecoder::State::reading ? 16 * 1024 : 0);
    while (decoder.state() == ChunkedDecoder::State::reading) {
        const auto room = asio::buffer(piece);
        const auto count = co_await read_some(room);
        if (count == 0) {
            co_return timed_out_ ? unreadable(408, "the body did not arrive in time")
                                 : unreadable(400, "the body ends within a chunk");
        }
        const std::string_view read(piece.data(), count);
        leftover_ = read.substr(decoder.feed(read, body_));
        held_.hold(body_.size());
        if (lacks_memory()) {
            drop_body();
            co_return overloaded(shared_->shed_for_memory);
        }
    }
    if (decoder.state() == ChunkedDecoder::State::malformed)
        co_return unreadable(400, "the chunked body is malformed");
    if (decoder.state() == ChunkedDecoder::State::too_large) {
        const auto limit = std::to_string(route_->body_bytes_max);
        co_return unreadable(413, "the body may have at most " + limit + " bytes");
    }
    co_return std::nullopt;
}

void Connection::skip_body() {
    if (!body_left_ || body_in_input_ > 0) return;
    const auto unread = input_.view().size() - parser_.size();
    body_in_input_ = static_cast<std::size_t>(std::min<std::uint64_t>(unread, *body_left_));
    *body_left_ -= body_in_input_;
}

bool Connection::may_pass_over_body() const {
    if (!body_left_) return false;
    // Who waits to be told to go on may not send it at all.
    return *body_left_ == 0 || (*body_left_ <= body_passed_over_max && !data_.head.expects_continue);
}

Task<bool> Connection::pass_over_body() {
    enter(Phase::body, shared_->settings.body_timeout);
    while (*body_left_ > 0) {
        const auto size = std::min<std::uint64_t>(shared_->waste.size(), *body_left_);
        const auto room = asio::buffer(shared_->waste.data(), static_cast<std::size_t>(size));
        const auto count = co_await read_some(room);
        if (count == 0) co_return false;
        *body_left_ -= count;
    }
    co_return true;
}

bool Connection::lacks_memory() const {
    constexpr std::size_t mib = 1024 * 1024;
    const auto most = static_cast<std::size_t>(shared_->settings.bodies_mib_max.value()) * mib;
    // The other half is for those who look after the installation.
    return shared_->bodies.used() > (route_->sheds ? most / 2 : most);
}

void Connection::drop_body() {
    body_.clear();
    if (body_.capacity() > body_kept_max) body_.shrink_to_fit();
    held_.hold(0);
}

}  // namespace fc::http
