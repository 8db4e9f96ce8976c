#include "http/connection.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>

namespace fc::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t joined_body_max = 16 * 1024;

void append_number(std::string& out, std::size_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// A line break in a value would let its author write headers of his own.
std::string_view up_to_control(std::string_view value) {
    std::size_t size = 0;
    while (size < value.size() && static_cast<unsigned char>(value[size]) >= 0x20) ++size;
    return value.substr(0, size);
}

}  // namespace

void Connection::write_head(const Response& response, std::string_view body) {
    out_.clear();
    out_ += "HTTP/1.1 ";
    append_number(out_, static_cast<std::size_t>(response.status));
    out_ += ' ';
    out_ += reason_phrase(response.status);
    out_ += "\r\n";
    const bool may_have_body = response.status != 204 && response.status != 304;
    if (may_have_body) {
        if (!body.empty()) {
            out_ += "Content-Type: ";
            out_ += response.content_type;
            out_ += "\r\n";
        }
        out_ += "Content-Length: ";
        append_number(out_, body.size());
        out_ += "\r\n";
    }
    out_ += shared_->date;
    out_ += "X-Content-Type-Options: nosniff\r\nX-Correlation-ID: ";
    out_ += data_.correlation_id;
    out_ += "\r\n";
    for (const auto& [name, value] : response.headers) {
        out_ += name;
        out_ += ": ";
        out_ += up_to_control(value);
        out_ += "\r\n";
    }
    shared_->cors.append_headers(out_, data_.head);
    if (!keep_alive_)
        out_ += "Connection: close\r\n";
    else if (data_.head.is_http_1_0)
        out_ += "Connection: keep-alive\r\n";
    out_ += "\r\n";
}

Task<bool> Connection::write(Response response) {
    std::string_view body = response.body.empty() ? response.static_body : std::string_view(response.body);
    write_head(response, body);
    if (data_.head.method == Method::head || response.status == 204 || response.status == 304) body = {};
    if (body.size() <= joined_body_max) {
        out_ += body;
        body = {};
    }
    const bool is_written = co_await write_all(body);
    co_return is_written;
}

void Connection::press_slow_readers() const {
    constexpr std::size_t mib = 1024 * 1024;
    const auto most = static_cast<std::size_t>(shared_->settings.answers_mib_max.value()) * mib;
    if (shared_->answers.used() <= most) return;
    auto* slowest = shared_->slower_than(*this);
    if (slowest == nullptr) return;
    shared_->metrics.connections_evicted_total.increment();
    slowest->cut_off();
}

Task<bool> Connection::write_all(std::string_view body) {
    enter(Phase::write, shared_->settings.write_timeout);
    std::array<asio::const_buffer, 2> buffers{asio::buffer(out_), asio::buffer(body)};
    // The kernel nearly always takes an answer at once; then no wait is set up.
    boost::system::error_code error;
    const auto written = socket_.write_some(buffers, error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) co_return false;
    const auto total = out_.size() + body.size();
    if (written == total) co_return true;
    std::size_t skip = written;
    for (auto& buffer : buffers) {
        const auto part = std::min(skip, buffer.size());
        buffer += part;
        skip -= part;
    }
    ByteBudget::Share untaken(shared_->answers);
    untaken.hold(total);
    press_slow_readers();
    error = {};
    constexpr asio::use_awaitable_t<Executor> use_task;
    co_await asio::async_write(socket_, buffers, asio::redirect_error(use_task, error));
    co_return !error;
}

}  // namespace fc::http
