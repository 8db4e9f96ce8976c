#include "http/request_head.h"

#include "http/header_fields.h"

#include <algorithm>
#include <charconv>

namespace fc::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_target_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Method to_method(std::string_view text) {
    switch (text.size()) {
        case 3: return text == "GET" ? Method::get : text == "PUT" ? Method::put : Method::other;
        case 4: return text == "POST" ? Method::post : text == "HEAD" ? Method::head : Method::other;
        case 5: return text == "PATCH" ? Method::patch : Method::other;
        case 6: return text == "DELETE" ? Method::remove : Method::other;
        case 7: return text == "OPTIONS" ? Method::options : Method::other;
        default: return Method::other;
    }
}

// What is echoed and logged must be short and plain.
bool is_fit_to_echo(std::string_view id) {
    return !id.empty() && id.size() <= 128 && is_target_text(id);
}

}  // namespace

std::string_view to_string(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::head: return "HEAD";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        case Method::patch: return "PATCH";
        case Method::remove: return "DELETE";
        case Method::options: return "OPTIONS";
        case Method::other: return "other";
    }
    return "other";
}

bool equal_names(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view RequestHead::header(std::string_view name) const {
    for (const auto& field : fields) {
        if (equal_names(field.name, name)) return field.value;
    }
    return {};
}

void RequestHead::clear() {
    auto kept = std::move(fields);  // its capacity serves the next request
    *this = RequestHead{};
    fields = std::move(kept);
    fields.clear();
}

HeadParser::State HeadParser::fail(int status, std::string_view detail) {
    fault_ = {status, detail};
    return State::faulty;
}

HeadParser::State HeadParser::parse(std::string_view input, RequestHead& head) {
    std::size_t begin = 0;
    while (begin < 4 && input.substr(begin).starts_with("\r\n")) begin += 2;  // RFC 9112 section 2.2
    const auto end = input.find("\r\n\r\n", std::max(begin, searched_));
    const auto start = input.substr(begin, limits_.line_bytes_max + 2);
    if (start.size() == limits_.line_bytes_max + 2 && start.find("\r\n") == std::string_view::npos)
        return fail(414, "the request line is too long");
    if (end == std::string_view::npos || end + 4 > limits_.head_bytes_max) {
        if (input.size() >= limits_.head_bytes_max) return fail(431, "the header is too large");
        searched_ = input.size() < 3 ? 0 : input.size() - 3;
        return State::incomplete;
    }
    size_ = end + 4;
    head.clear();
    auto rest = input.substr(begin, end + 2 - begin);
    for (bool is_first = true; !rest.empty(); is_first = false) {
        const auto line_end = rest.find("\r\n");
        const auto line = rest.substr(0, line_end);
        rest.remove_prefix(line_end + 2);
        const bool fits = is_first ? parse_request_line(line, head) : parse_field(line, head);
        if (!fits) return State::faulty;
    }
    return check_framing(head) ? State::complete : State::faulty;
}

bool HeadParser::parse_request_line(std::string_view line, RequestHead& head) {
    const auto method_end = line.find(' ');
    const auto target_end = line.rfind(' ');
    if (method_end == std::string_view::npos || target_end <= method_end ||
        !is_token(line.substr(0, method_end))) {
        fail(400, "the request line is malformed");
        return false;
    }
    const auto version = line.substr(target_end + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        const bool is_http = version.starts_with("HTTP/");
        fail(
            is_http ? 505 : 400,
            is_http ? "only HTTP/1.1 and HTTP/1.0 are spoken here" : "the request line is malformed");
        return false;
    }
    minor_version_ = version.back() - '0';
    head.is_http_1_0 = minor_version_ == 0;
    head.method_text = line.substr(0, method_end);
    head.method = to_method(head.method_text);
    return parse_target(line.substr(method_end + 1, target_end - method_end - 1), head);
}

bool HeadParser::parse_target(std::string_view target, RequestHead& head) {
    if (const auto scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
        const auto path = target.find_first_of("/?", scheme + 3);  // the form that proxies are sent
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    const bool is_star = target == "*" && head.method == Method::options;
    if (!is_target_text(target) || !(target.starts_with('/') || is_star) ||
        target.find('#') != std::string_view::npos) {
        fail(400, "the request target is malformed");
        return false;
    }
    const auto mark = target.find('?');
    head.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
    return true;
}

bool HeadParser::parse_field(std::string_view line, RequestHead& head) {
    const auto colon = line.find(':');
    // A space before the colon and a line that continues the last one are ways to smuggle (RFC 9112 section
    // 5).
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        fail(400, "a header field is malformed");
        return false;
    }
    const RequestHead::Field field{line.substr(0, colon), trim(line.substr(colon + 1))};
    if (!is_field_value(field.value)) {
        fail(400, "a header field has control characters");
        return false;
    }
    if (head.fields.size() == limits_.fields_max) {
        fail(431, "there are too many header fields");
        return false;
    }
    head.fields.push_back(field);
    return note_field(field, head);
}

bool HeadParser::note_field(const RequestHead::Field& field, RequestHead& head) {
    const auto is = [&](std::string_view name) { return equal_names(field.name, name); };
    switch (field.name.size()) {
        case 4: hosts_ += is("host"); break;
        case 6:
            if (is("origin")) head.origin = field.value;
            if (is("expect")) head.expects_continue = equal_names(field.value, "100-continue");
            break;
        case 10:
            if (is("connection")) note_connection(field.value);
            break;
        case 12:
            if (is("x-request-id") && head.correlation_id.empty() && is_fit_to_echo(field.value)) {
                head.correlation_id = field.value;
            }
            break;
        case 13:
            if (is("authorization")) head.authorization = field.value;
            break;
        case 14:
            if (is("content-length")) return note_length(field.value, head);
            break;
        case 16:
            if (is("x-correlation-id") && is_fit_to_echo(field.value)) head.correlation_id = field.value;
            break;
        case 17:
            if (is("transfer-encoding")) {
                if (head.is_chunked || !equal_names(field.value, "chunked")) {
                    fail(501, "only the transfer encoding 'chunked' is understood");
                    return false;
                }
                head.is_chunked = true;
            }
            break;
        default: break;
    }
    return true;
}

bool HeadParser::note_length(std::string_view value, RequestHead& head) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    const bool is_number = error == std::errc{} && end == value.data() + value.size() && !value.empty();
    if (!is_number || (has_length_ && length != head.content_length)) {
        fail(400, "Content-Length is malformed");
        return false;
    }
    has_length_ = true;
    head.content_length = length;
    return true;
}

void HeadParser::note_connection(std::string_view value) {
    while (!value.empty()) {
        const auto comma = value.find(',');
        const auto option = trim(value.substr(0, comma));
        asks_close_ |= equal_names(option, "close");
        asks_keep_alive_ |= equal_names(option, "keep-alive");
        value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    }
}

bool HeadParser::check_framing(RequestHead& head) {
    if (hosts_ > 1 || (hosts_ == 0 && minor_version_ == 1)) {
        fail(400, "exactly one Host header is needed");
        return false;
    }
    if (head.is_chunked && (has_length_ || minor_version_ == 0)) {
        fail(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
        return false;
    }
    head.keep_alive = !asks_close_ && (minor_version_ == 1 || asks_keep_alive_);
    head.expects_continue &= minor_version_ == 1;
    return true;
}

void ChunkedDecoder::take(char c) {
    constexpr std::size_t overhead_max = 8 * 1024;
    switch (part_) {
        case Part::size: return take_size(c);
        case Part::extension:
            if (c == '\r')
                part_ = Part::size_end;
            else if (c == '\n' || ++overhead_ > overhead_max)
                state_ = State::malformed;
            return;
        case Part::size_end:
            if (c != '\n')
                state_ = State::malformed;
            else
                begin_chunk();
            return;
        case Part::data: return;
        case Part::data_cr: return expect(c, '\r', Part::data_lf);
        case Part::data_lf: digits_ = 0; return expect(c, '\n', Part::size);
        case Part::trailer_start:
            part_ = c == '\r' ? Part::last_lf : Part::trailer;
            if (c == '\n') state_ = State::malformed;
            return;
        case Part::trailer:
            if (c == '\r')
                part_ = Part::trailer_lf;
            else if (c == '\n' || ++overhead_ > overhead_max)
                state_ = State::malformed;
            return;
        case Part::trailer_lf: return expect(c, '\n', Part::trailer_start);
        case Part::last_lf: state_ = c == '\n' ? State::done : State::malformed; return;
    }
}

void ChunkedDecoder::take_size(char c) {
    const char digit = lower(c);
    if ((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')) {
        if (++digits_ > 15) {
            state_ = State::malformed;
            return;
        }
        chunk_left_ =
            chunk_left_ * 16 + static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    } else if (digits_ > 0 && c == '\r') {
        part_ = Part::size_end;
    } else if (digits_ > 0 && (c == ';' || c == ' ' || c == '\t')) {
        part_ = Part::extension;
    } else {
        state_ = State::malformed;
    }
}

void ChunkedDecoder::begin_chunk() {
    if (chunk_left_ == 0) {
        part_ = Part::trailer_start;
    } else if (chunk_left_ > body_bytes_max_ - body_bytes_) {
        state_ = State::too_large;
    } else {
        body_bytes_ += chunk_left_;
        part_ = Part::data;
    }
}

std::size_t ChunkedDecoder::take_data(std::size_t available) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, available));
    chunk_left_ -= count;
    if (chunk_left_ == 0) part_ = Part::data_cr;
    return count;
}

void ChunkedDecoder::expect(char c, char wanted, Part next) {
    if (c != wanted)
        state_ = State::malformed;
    else
        part_ = next;
}

}  // namespace fc::http
